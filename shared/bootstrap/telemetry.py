"""The telemetry of a process of the functions, and what it puts around the others.

Where it is off, each function here answers with nothing, and nothing is put around anything.
"""

import atexit
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Protocol

from shared.application.outbox.ports import Sink
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.operations import operations
from shared.settings import MasterSettings, SettingsError
from shared.telemetry.settings import TelemetrySettingsError, load_telemetry_settings
from shared.telemetry.start import begin_telemetry

if TYPE_CHECKING:
    from shared.infrastructure.telemetry.observed_requests import ObservedRequests
    from shared.telemetry.telemetry import Telemetry

# ruff: noqa: PLC0415 what is imported in a function here imports OpenTelemetry, which nobody needs where it is off

SERVICE = "cinema-functions"

Project = Callable[[Sequence[ReceivedEvent]], None]


class TimerRun(Protocol):
    """The run of a timer function, under way."""

    def has_done_something(self) -> None:
        """Tell of this run when it ends."""
        ...


class _UntoldRun:
    """A run where nobody tells."""

    def has_done_something(self) -> None:
        """Tell nobody."""


@cache
def telemetry() -> "Telemetry | None":
    """The telemetry of this process, begun on first use; None if it is off.

    Raises:
        SettingsError: a variable is missing, refused, or contradicts another.
    """
    try:
        begun = begin_telemetry(load_telemetry_settings(), service=SERVICE)
    except TelemetrySettingsError as error:
        raise SettingsError(str(error)) from error
    if begun is not None:
        atexit.register(begun.close)
    return begun


@cache
def observed_requests(routes: Callable[[], Mapping[str, str]]) -> "ObservedRequests | None":
    """What tells of requests to the functions. `routes` gives the path of each function by its name."""
    on = telemetry()
    if on is None:
        return None
    from shared.infrastructure.telemetry.observed_requests import ObservedRequests

    return ObservedRequests(on, routes=routes())


def current_traceparent() -> str | None:
    """Where the span is that is at work here, for the events that it makes; None where nobody tells."""
    if telemetry() is None:
        return None
    from shared.infrastructure.telemetry import observed_requests as observed

    return observed.current_traceparent()


@contextmanager
def timer_run(name: str) -> Generator[TimerRun]:
    """Around the run of a timer function that makes events."""
    on = telemetry()
    if on is None:
        yield _UntoldRun()
        return
    from shared.infrastructure.telemetry.timer_runs import observed_run

    with observed_run(on, name) as run:
        yield run


def observe_sinks(settings: MasterSettings) -> Callable[[str, Sink], Sink] | None:
    """What is put around each sink of a master."""
    on = telemetry()
    if on is None:
        return None
    from shared.infrastructure.telemetry.observed_sink import Deliveries, ObservedSink

    deliveries = Deliveries(on)
    system = {"amqp": "eventhubs", "kafka": "kafka"}[settings.hub_protocol]
    hubs = {DOMAIN_EVENTS: settings.domain_events_hub, RESERVATIONS: settings.reservations_hub}

    def observed(name: str, sink: Sink) -> Sink:
        return ObservedSink(
            name,
            sink,
            deliveries=deliveries,
            destination=hubs.get(name, name),
            system=system if name in hubs else None,
        )

    return observed


@cache
def observe_outbox() -> None:
    """Read the outbox's gauges from this process, at each export."""
    on = telemetry()
    if on is None:
        return
    from shared.infrastructure.telemetry.outbox_gauges import OutboxGauges

    OutboxGauges(lambda: operations().outbox, telemetry=on)


def observed_projection(project: Project, *, source: str, system: str | None, operation: str) -> Project:
    """A projector that tells of its batches; the projector itself where nobody tells."""
    on = telemetry()
    if on is None:
        return project
    from shared.infrastructure.telemetry.observed_projection import ObservedProjection

    return ObservedProjection(project, telemetry=on, source=source, system=system, operation=operation)
