"""What a sink's deliveries tell."""

from dataclasses import replace
from uuid import uuid4

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery
from shared.infrastructure.telemetry.observed_sink import Deliveries, ObservedSink
from shared.telemetry.traceparent import TraceParent
from tests.builders.outbox_messages import a_message
from tests.fakes.sinks import FakeSink
from tests.unit.telemetry.conftest import Kept, trace_of

pytestmark = pytest.mark.unit

RECORDED = TraceParent(0xA1, 0xB1, 1)
OTHER = TraceParent(0xA2, 0xB2, 1)
UNRECORDED = TraceParent(0xA3, 0xB3, 0)


def message(number: int, place: TraceParent | None) -> OutboxMessage:
    new = a_message()
    return OutboxMessage(
        id=number,
        event_id=uuid4(),
        stream_id=new.stream_id,
        sequence=number,
        lane=3,
        aggregate_type=new.aggregate_type,
        aggregate_id=new.aggregate_id,
        version=new.version,
        type=new.type,
        payload=new.payload,
        traceparent=None if place is None else str(place),
        occurred_at=new.occurred_at,
    )


async def deliver(kept: Kept, sink: FakeSink, *messages: OutboxMessage) -> Delivery:
    observed = ObservedSink(
        "domain-events",
        sink,
        deliveries=Deliveries(kept.telemetry),
        destination="cinema.domain.events",
        system="eventhubs",
    )
    deadline = LeaseDeadline.starting_now(lease_seconds=60)
    return await observed.deliver(Batch(lane=3, messages=messages), deadline=deadline)


async def test_an_event_has_a_span_in_the_trace_of_its_command(kept: Kept) -> None:
    sent = message(1, RECORDED)
    await deliver(kept, FakeSink(), sent)
    (span,) = kept.in_trace(RECORDED.trace_id)
    assert span.parent is not None
    assert span.parent.span_id == RECORDED.span_id
    assert (span.name, span.kind) == ("send cinema.domain.events", SpanKind.PRODUCER)
    assert dict(span.attributes or {})["messaging.message.id"] == str(sent.event_id)


async def test_a_batch_is_told_in_a_trace_of_its_own_linked_to_those_of_its_events(kept: Kept) -> None:
    await deliver(kept, FakeSink(), message(1, RECORDED), message(2, OTHER), message(3, RECORDED))
    (batch,) = [span for span in kept.spans if span.parent is None]
    assert [link.context.trace_id for link in batch.links] == [RECORDED.trace_id, OTHER.trace_id]
    followers = kept.in_trace(RECORDED.trace_id) + kept.in_trace(OTHER.trace_id)
    assert len(followers) == 3
    assert {link.context.trace_id for span in followers for link in span.links} == {trace_of(batch)}


@pytest.mark.parametrize("place", [UNRECORDED, None])
async def test_an_event_whose_command_is_not_recorded_is_delivered_and_not_told(
    kept: Kept, place: TraceParent | None
) -> None:
    delivery = await deliver(kept, FakeSink(), message(1, place))
    assert delivery.ids == [1]
    (batch,) = kept.spans
    assert list(batch.links) == []


async def test_an_outage_is_told_of_the_batch_and_of_no_event_that_was_not_delivered(kept: Kept) -> None:
    sink = FakeSink()
    sink.outage, sink.taken_before_outage = "no answer in time", 1
    await deliver(kept, sink, message(1, RECORDED), message(2, OTHER))
    (batch,) = [span for span in kept.spans if span.parent is None]
    assert batch.status.status_code is StatusCode.ERROR
    assert len(kept.in_trace(RECORDED.trace_id)) == 1
    assert kept.in_trace(OTHER.trace_id) == []
    assert kept.value("cinema.outbox.failures", sink="domain-events", type="outage") == 1


async def test_a_message_that_is_refused_for_ever_is_told_in_its_trace(kept: Kept) -> None:
    sink = FakeSink()
    sink.refused = {2}
    await deliver(kept, sink, message(1, RECORDED), message(2, OTHER))
    (span,) = kept.in_trace(OTHER.trace_id)
    assert span.status.status_code is StatusCode.ERROR
    assert dict(span.attributes or {})["error.type"] == "poison"


async def test_messages_that_a_sink_has_taken_are_counted(kept: Kept) -> None:
    sink = FakeSink()
    await deliver(kept, sink, message(1, RECORDED), message(2, None))
    assert kept.value("cinema.outbox.delivered", sink="domain-events") == 2


async def test_what_a_sink_raises_is_told_without_its_text_and_raised(kept: Kept) -> None:
    sink = FakeSink()
    sink.error = lambda: ValueError("Ms Miller, row 3")
    with pytest.raises(ValueError, match="Miller"):
        await deliver(kept, sink, message(1, RECORDED))
    (batch,) = kept.spans
    assert dict(batch.attributes or {})["error.type"] == "ValueError"
    assert "Miller" not in batch.to_json()


async def test_a_batch_has_no_more_links_than_a_span_keeps(kept: Kept) -> None:
    many = [message(number, TraceParent(number, 1, 1)) for number in range(1, 201)]
    await deliver(kept, FakeSink(), *many)
    (batch,) = [span for span in kept.spans if span.parent is None]
    assert len(batch.links) == 128
    assert len(kept.spans) == 201


async def test_an_illegible_traceparent_stops_nothing(kept: Kept) -> None:
    delivery = await deliver(kept, FakeSink(), replace(message(1, None), traceparent="nonsense"))
    assert delivery.ids == [1]
