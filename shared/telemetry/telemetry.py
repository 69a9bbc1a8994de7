"""What a process needs in order to tell of itself: spans, measures, and an end that nobody waits for too long."""

import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import time_ns

from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    get_current_span,
    set_span_in_context,
    use_span,
)
from opentelemetry.util.types import AttributeValue

from shared.telemetry.traceparent import TraceParent

SECONDS_BOUNDARIES = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0,
)  # fmt: skip
"""The semantic conventions' buckets for durations in seconds, with some below and above."""

MOST_LINKS = 128
"""As many as a span keeps."""

_END_SECONDS = 2.0

Attributes = dict[str, AttributeValue]


class Telemetry:
    """Spans and measures. `close` exports what is left; it may hang, if who should take it does."""

    def __init__(self, *, tracer: Tracer, meter: Meter, close: Callable[[], None]) -> None:
        self._tracer = tracer
        self._close = close
        self.meter = meter

    @contextmanager
    def span(
        self,
        name: str,
        *,
        kind: SpanKind,
        parent: TraceParent | None = None,
        links: Sequence[Link] = (),
        attributes: Attributes | None = None,
    ) -> Generator[Span]:
        """A span around what is done in the context, current there: of the parent's trace, or of a new one.

        An exception that passes is told by its type alone, since its text may be about people.
        """
        span = self.begin(name, kind=kind, parent=parent, links=links, attributes=attributes)
        try:
            with self.current(span):
                yield span
        except BaseException as error:
            fail(span, type(error).__qualname__)
            raise
        finally:
            span.end()

    @staticmethod
    def current(span: Span) -> AbstractContextManager[Span]:
        """Make a span the one that is at work; it is neither ended nor judged by this."""
        return use_span(span, record_exception=False, set_status_on_exception=False)

    def begin(
        self,
        name: str,
        *,
        kind: SpanKind,
        parent: TraceParent | None = None,
        links: Sequence[Link] = (),
        attributes: Attributes | None = None,
        started_ns: int | None = None,
    ) -> Span:
        """A span that its caller ends; one that is never ended is never told."""
        return self._tracer.start_span(
            name,
            context=context_under(parent),
            kind=kind,
            links=links,
            attributes=attributes,
            start_time=started_ns,
            record_exception=False,
            set_status_on_exception=False,
        )

    def seconds_histogram(self, name: str, *, description: str) -> Callable[[float, Attributes], None]:
        """A function that records a duration."""
        histogram = self.meter.create_histogram(
            name, unit="s", description=description, explicit_bucket_boundaries_advisory=SECONDS_BOUNDARIES
        )
        return histogram.record

    @staticmethod
    def identity() -> Mapping[str, str]:
        """The trace and the span that are at work here, in hexadecimal digits; nothing if there are none."""
        place = current_place()
        if place is None:
            return {}
        return {"trace_id": f"{place.trace_id:032x}", "span_id": f"{place.span_id:016x}"}

    def close(self) -> None:
        """Export what is left, for two seconds at most."""
        closing = threading.Thread(target=self._close, name="telemetry-end", daemon=True)
        closing.start()
        closing.join(_END_SECONDS)


def context_under(parent: TraceParent | None) -> Context:
    """The context whose current span is a remote parent; an empty one, in which a trace begins, without one."""
    if parent is None:
        return Context()
    return set_span_in_context(NonRecordingSpan(remote(parent)), Context())


def remote(place: TraceParent) -> SpanContext:
    """A place in a trace, as another process has told it."""
    return SpanContext(
        trace_id=place.trace_id, span_id=place.span_id, is_remote=True, trace_flags=TraceFlags(place.flags)
    )


def links_to(places: Iterable[TraceParent]) -> list[Link]:
    """A link to each place, up to as many as a span keeps."""
    distinct = list(dict.fromkeys(places))
    return [Link(remote(place)) for place in distinct[:MOST_LINKS]]


def place_of(span: Span) -> TraceParent:
    """Where a span is, for those who follow it."""
    context = span.get_span_context()
    return TraceParent(context.trace_id, context.span_id, int(context.trace_flags))


def current_place() -> TraceParent | None:
    """Where the span is that is at work here; None if there is none."""
    span = get_current_span()
    return place_of(span) if span.get_span_context().is_valid else None


def fail(span: Span, kind: str) -> None:
    """Mark a span as failed, for a reason that is one of few."""
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))


def now_ns() -> int:
    """The present moment, in nanoseconds since 1970, as spans count it."""
    return time_ns()
