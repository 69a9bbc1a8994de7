"""Runs of timer functions whose work makes events: a span each, if there was anything to do."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind

from shared.telemetry.telemetry import Telemetry, fail


class TimerRun:
    """A run under way, of which nothing is told unless it turns out to have done something."""

    def __init__(self) -> None:
        self.worth_telling = False

    def has_done_something(self) -> None:
        """Tell of this run when it ends."""
        self.worth_telling = True


@contextmanager
def observed_run(telemetry: Telemetry, name: str) -> Generator[TimerRun]:
    """The run of a timer function, in a trace of its own, which the events that it makes carry on.

    A span that is never ended is never exported: so most runs, which find nothing to do, are not told.
    """
    span = telemetry.begin(name, kind=SpanKind.INTERNAL, attributes={"cinema.function": name})
    run = TimerRun()
    try:
        with telemetry.current(span):
            yield run
    except BaseException as error:
        fail(span, type(error).__qualname__)
        run.has_done_something()
        raise
    finally:
        if run.worth_telling:
            span.end()
