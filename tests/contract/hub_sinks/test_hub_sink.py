"""What the master expects of a hub's sink, over the wire and with the real client of each protocol."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from shared.application.outbox.errors import PartitionMismatchError
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Poison, Sink
from tests.builders.hub_batches import LANE, committed, deliver
from tests.builders.outbox_messages import a_message, a_reservation_message
from tests.contract.hub_sinks.hubs import HUB, PARTITIONS, HubServer
from tests.servers.hub_log import first_occurrences

pytestmark = pytest.mark.contract

SEND_SECONDS = 4.0


@asynccontextmanager
async def a_sink(
    server: HubServer, *, hub: str = HUB, partitions: int = PARTITIONS, send_seconds: float = SEND_SECONDS
) -> AsyncGenerator[Sink]:
    sink = server.sink(hub=hub, partitions=partitions, send_seconds=send_seconds)
    try:
        yield sink
    finally:
        await sink.aclose()


async def deliver_at_last(sink: Sink, messages: list[OutboxMessage]) -> Delivery:
    """As the master does: again, until the sink takes it."""
    async with asyncio.timeout(30):
        while (delivery := await deliver(sink, messages)).failure is not None:
            await asyncio.sleep(0.05)
    return delivery


async def test_messages_arrive_in_order_in_the_lanes_partition(server: HubServer) -> None:
    messages = committed(*(a_reservation_message() for _ in range(50)))
    async with a_sink(server) as sink:
        delivery = await deliver(sink, messages)
    logged = server.logged()
    assert delivery == Delivery(ids=[message.id for message in messages])
    assert [event.sequence for event in logged] == list(range(1, 51))
    assert {event.partition for event in logged} == {LANE % PARTITIONS}


async def test_the_body_is_the_envelope(server: HubServer) -> None:
    (message,) = committed(a_message())
    async with a_sink(server) as sink:
        await deliver(sink, [message])
    (logged,) = server.logged()
    assert logged.envelope == {**json.loads(message.payload), "sequence": 1}


async def test_what_does_not_fit_into_one_batch_travels_in_several(server: HubServer) -> None:
    messages = committed(*(a_message(title="x" * 400_000) for _ in range(7)))
    async with a_sink(server) as sink:
        delivery = await deliver(sink, messages)
    assert delivery.ids == [message.id for message in messages]
    assert [event.sequence for event in server.logged()] == list(range(1, 8))


async def test_the_largest_message_that_can_be_committed_is_taken(server: HubServer) -> None:
    (largest,) = committed(a_message(title="x" * (900 * 1024 - 600)))
    async with a_sink(server) as sink:
        assert await deliver(sink, [largest]) == Delivery(ids=[largest.id])


async def test_a_message_that_no_batch_takes_is_poison_after_those_before_it(server: HubServer) -> None:
    messages = committed(a_message(), a_message(title="x" * 1_100_000), a_message())
    async with a_sink(server) as sink:
        delivery = await deliver(sink, messages)
    assert delivery.ids == [messages[0].id]
    assert isinstance(delivery.failure, Poison)
    assert delivery.failure.message_id == messages[1].id
    assert [event.sequence for event in server.logged()] == [1]


async def test_another_number_of_partitions_is_refused_before_anything_is_sent(server: HubServer) -> None:
    async with a_sink(server, partitions=4) as sink:
        with pytest.raises(PartitionMismatchError):
            await sink.open()
        with pytest.raises(PartitionMismatchError):
            await deliver(sink, committed(a_message()))
    assert server.logged() == []


async def test_an_unknown_hub_is_an_outage(server: HubServer) -> None:
    async with a_sink(server, hub="cinema.nowhere") as sink:
        assert not await sink.open()
        delivery = await deliver(sink, committed(a_message()))
    assert delivery.ids == []
    assert delivery.failure is not None


async def test_lanes_are_sent_at_the_same_time(server: HubServer) -> None:
    messages = committed(*(a_reservation_message() for _ in range(20)))
    deadline = LeaseDeadline.starting_now(lease_seconds=60.0)
    async with a_sink(server) as sink:
        deliveries = await asyncio.gather(
            *(sink.deliver(Batch(lane=lane, messages=messages), deadline=deadline) for lane in range(16))
        )
    assert all(delivery.failure is None for delivery in deliveries)
    assert len(server.logged()) == 16 * 20


async def test_without_time_left_nothing_is_sent(server: HubServer) -> None:
    async with a_sink(server) as sink:
        assert await sink.open()
        assert await deliver(sink, committed(a_message()), lease_seconds=SEND_SECONDS - 1) == Delivery(ids=[])
    assert server.logged() == []


async def test_a_hub_that_is_down_is_an_outage_and_taken_up_again(server: HubServer) -> None:
    messages = committed(a_message(), a_message())
    server.stop()
    async with a_sink(server, send_seconds=2.0) as sink:
        assert not await sink.open()
        assert (await deliver(sink, messages[:1])).failure is not None
        server.start()
        assert await deliver_at_last(sink, messages[:1]) == Delivery(ids=[messages[0].id])
        server.stop()
        assert (await deliver(sink, messages[1:])).failure is not None
        server.start()
        assert await deliver_at_last(sink, messages[1:]) == Delivery(ids=[messages[1].id])
    assert first_occurrences([event.sequence for event in server.logged()]) == [1, 2]


async def test_a_hub_that_falls_silent_is_cut_off_and_its_connection_replaced(server: HubServer) -> None:
    messages = committed(a_message(), a_message())
    async with a_sink(server, send_seconds=2.0) as sink:
        assert await deliver(sink, messages[:1]) == Delivery(ids=[messages[0].id])
        server.fall_silent()
        cut = await deliver(sink, messages[1:])
        server.speak_again()
        again = await deliver_at_last(sink, messages[1:])
    assert cut.ids == []
    assert cut.failure is not None
    assert "no answer in" in cut.failure.reason
    assert again == Delivery(ids=[messages[1].id])
    assert first_occurrences([event.sequence for event in server.logged()]) == [1, 2]
