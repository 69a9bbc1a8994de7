"""The projector's work told: a span for each batch, one for each event in its own trace, and how far behind the views are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from opentelemetry.trace import Link, SpanKind
from pydantic_core import from_json

from shared.application.projections.received_events import ReceivedEvent
from shared.telemetry.telemetry import Attributes, Telemetry, links_to, now_ns
from shared.telemetry.traceparent import TraceParent, parse_traceparent

_TOLD = {
    "messaging.message.id": "id",
    "cinema.event.type": "type",
    "cinema.event.sequence": "sequence",
    "cinema.stream": "partitionkey",
}
"""What is told of an event, and where its envelope has it."""

Project = Callable[[Sequence[ReceivedEvent]], None]


class _Followed(NamedTuple):
    """An event whose command is being recorded, with its place."""

    event: ReceivedEvent
    envelope: dict[str, Any]
    place: TraceParent


class ObservedProjection:
    """Projects a batch and tells of it. A batch that fails is told as one: its events come again."""

    def __init__(
        self, project: Project, *, telemetry: Telemetry, source: str, system: str | None, operation: str
    ) -> None:
        self._project = project
        self._telemetry = telemetry
        self._span_name = f"{operation} {source}"
        self._attributes: Attributes = {
            "messaging.operation.name": operation,
            "messaging.operation.type": "process",
            "messaging.destination.name": source,
        }
        if system is not None:
            self._attributes["messaging.system"] = system
        self._lag = telemetry.seconds_histogram(
            "cinema.projector.lag", description="From an event's publication to the end of its projection."
        )
        self._failures = telemetry.meter.create_counter(
            "cinema.projector.failures",
            unit="{batch}",
            description="Batches that failed, and that the host tries again.",
        )

    def __call__(self, batch: Sequence[ReceivedEvent]) -> None:
        """See `ProjectEvents.__call__`."""
        followed = [*_followed(batch)]
        started = now_ns()
        with self._telemetry.span(
            self._span_name,
            kind=SpanKind.CONSUMER,
            links=links_to(one.place for one in followed),
            attributes={**self._attributes, "messaging.batch.message_count": len(batch)},
        ) as span:
            self._project_counted(batch)
        self._measure(batch)
        to_batch, ended = [Link(span.get_span_context())], now_ns()
        for one in followed:
            self._telemetry.begin(
                self._span_name,
                kind=SpanKind.CONSUMER,
                parent=one.place,
                links=to_batch,
                attributes={**self._attributes, **_identity(one)},
                started_ns=started,
            ).end(ended)

    def _project_counted(self, batch: Sequence[ReceivedEvent]) -> None:
        try:
            self._project(batch)
        except Exception as error:
            self._failures.add(1, {"error.type": type(error).__name__})
            raise

    def _measure(self, batch: Iterable[ReceivedEvent]) -> None:
        now = datetime.now(UTC)
        for event in batch:
            if event.published is not None:
                self._lag((now - _with_zone(event.published)).total_seconds(), {})


def _with_zone(moment: datetime) -> datetime:
    """The host gives times of UTC without saying so."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _followed(batch: Iterable[ReceivedEvent]) -> Iterator[_Followed]:
    for event in batch:
        envelope = _envelope(event.body)
        place = parse_traceparent(envelope.get("traceparent"))
        if place is not None and place.sampled:
            yield _Followed(event, envelope, place)


def _envelope(body: bytes) -> dict[str, Any]:
    """The attributes of an event; none, if it can't be read: then it is parked, and not followed."""
    try:
        envelope = from_json(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", envelope) if isinstance(envelope, dict) else {}


def _identity(followed: _Followed) -> Attributes:
    envelope = followed.envelope
    return {
        "messaging.destination.partition.id": followed.event.partition,
        **{name: value for name, key in _TOLD.items() if isinstance(value := envelope.get(key), str | int)},
    }
