"""A sink that tells of its deliveries: a span for each batch, and one for each event in the event's own trace.

A batch mixes the traces of many commands, so that its span is in a trace of its own, with links to theirs. What makes each
command's trace whole is the event's span, a child of the command's. It links back to the batch.
"""

from collections.abc import Iterable, Iterator

from opentelemetry.trace import Link, Span, SpanKind

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Outage, Poison, Sink
from shared.telemetry.telemetry import Attributes, Telemetry, fail, links_to, now_ns
from shared.telemetry.traceparent import TraceParent, parse_traceparent


class Deliveries:
    """What is measured of all sinks of a process."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self.delivered = telemetry.meter.create_counter(
            "cinema.outbox.delivered", unit="{message}", description="Messages that a sink has taken."
        )
        self.failures = telemetry.meter.create_counter(
            "cinema.outbox.failures",
            unit="{delivery}",
            description="Batches of which a sink has not taken all.",
        )
        self.seconds = telemetry.seconds_histogram(
            "cinema.outbox.delivery.duration", description="How long a sink takes for a batch."
        )


class ObservedSink:
    """A `Sink` around another. `destination` is where its messages go, `system` by what, if that is a messaging system."""

    def __init__(
        self, name: str, sink: Sink, *, deliveries: Deliveries, destination: str, system: str | None
    ) -> None:
        self._sink = sink
        self._deliveries = deliveries
        self._telemetry = deliveries.telemetry
        self._labels: Attributes = {"cinema.sink": name}
        self._span_name = f"send {destination}"
        self._attributes: Attributes = {
            **self._labels,
            "messaging.operation.name": "send",
            "messaging.operation.type": "send",
            "messaging.destination.name": destination,
        }
        if system is not None:
            self._attributes["messaging.system"] = system
        self._kind = SpanKind.CLIENT if system is None else SpanKind.PRODUCER

    async def open(self) -> bool:
        """See `Sink.open`."""
        return await self._sink.open()

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        """See `Sink.deliver`."""
        followed = [*_recorded(batch.messages)]
        started = now_ns()
        with self._telemetry.span(
            self._span_name,
            kind=self._kind,
            links=links_to(place for _, place in followed),
            attributes={
                **self._attributes,
                "messaging.batch.message_count": len(batch.messages),
                "cinema.lane": batch.lane,
            },
        ) as span:
            delivery = await self._sink.deliver(batch, deadline=deadline)
            self._judge(span, delivery)
        self._deliveries.seconds((now_ns() - started) / 1e9, self._labels)
        if followed:
            self._tell(followed, delivery, span=span, started_ns=started)
        return delivery

    def _judge(self, span: Span, delivery: Delivery) -> None:
        self._deliveries.delivered.add(len(delivery.ids), self._labels)
        if delivery.failure is not None:
            kind = _kind_of(delivery.failure)
            fail(span, kind)
            self._deliveries.failures.add(1, {**self._labels, "error.type": kind})

    def _tell(
        self,
        followed: Iterable[tuple[OutboxMessage, TraceParent]],
        delivery: Delivery,
        *,
        span: Span,
        started_ns: int,
    ) -> None:
        """A span for each event that was delivered, and for the one that never will be."""
        delivered = set(delivery.ids)
        poison = delivery.failure.message_id if isinstance(delivery.failure, Poison) else None
        to_batch, ended_ns = [Link(span.get_span_context())], now_ns()
        for message, place in followed:
            if message.id not in delivered and message.id != poison:
                continue
            told = self._telemetry.begin(
                self._span_name,
                kind=self._kind,
                parent=place,
                links=to_batch,
                attributes={**self._attributes, **_identity(message)},
                started_ns=started_ns,
            )
            if message.id == poison:
                fail(told, _POISON)
            told.end(ended_ns)


_POISON = "poison"


def _kind_of(failure: Outage | Poison) -> str:
    return _POISON if isinstance(failure, Poison) else "outage"


def _recorded(messages: Iterable[OutboxMessage]) -> Iterator[tuple[OutboxMessage, TraceParent]]:
    """The messages whose command is being recorded, with its place."""
    for message in messages:
        place = parse_traceparent(message.traceparent)
        if place is not None and place.sampled:
            yield message, place


def _identity(message: OutboxMessage) -> Attributes:
    return {
        "messaging.message.id": str(message.event_id),
        "cinema.event.type": message.type,
        "cinema.event.sequence": message.sequence,
        "cinema.stream": message.stream_id,
    }
