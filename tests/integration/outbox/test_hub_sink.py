"""The hub sink with the real client, against the emulator and against servers that misbehave."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from shared.application.outbox.errors import PartitionMismatchError
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Poison
from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.producer_client import connect_with, open_partitions
from tests.builders.outbox_messages import a_message, a_reservation_message
from tests.integration.eventhubs.emulator import Emulator, free_port
from tests.servers.hub_log import read_hub

pytestmark = pytest.mark.integration

HUB = "cinema.domain.events"
LANE = 19
SEND_SECONDS = 4.0


@asynccontextmanager
async def a_sink(
    connection_string: str, *, hub: str = HUB, partitions: int = 8, send_seconds: float = SEND_SECONDS
) -> AsyncGenerator[HubSink]:
    sink = HubSink(
        "domain-events",
        connect=connect_with(connection_string, hub=hub),
        partitions=partitions,
        send_seconds=send_seconds,
    )
    try:
        yield sink
    finally:
        await sink.aclose()


def committed(*new: NewMessage) -> list[OutboxMessage]:
    return [
        OutboxMessage(**asdict(message), id=100 + place, lane=LANE, sequence=place)
        for place, message in enumerate(new, 1)
    ]


async def deliver(sink: HubSink, messages: list[OutboxMessage], *, lease_seconds: float = 60.0) -> Delivery:
    deadline = LeaseDeadline.starting_now(lease_seconds=lease_seconds)
    return await sink.deliver(Batch(lane=LANE, messages=messages), deadline=deadline)


def address(port: int) -> str:
    return (
        f"Endpoint=sb://localhost:{port};SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true;"
    )


async def test_messages_arrive_in_order_in_the_lanes_partition(emulator: Emulator) -> None:
    messages = committed(*(a_reservation_message() for _ in range(50)))
    async with a_sink(emulator.connection_string) as sink:
        delivery = await deliver(sink, messages)
    logged = read_hub(emulator.data / HUB)
    assert delivery == Delivery(ids=[message.id for message in messages])
    assert [event.sequence for event in logged] == list(range(1, 51))
    assert {event.partition for event in logged} == {LANE % 8}


async def test_the_body_is_the_envelope_in_structured_mode(emulator: Emulator) -> None:
    (message,) = committed(a_message())
    async with a_sink(emulator.connection_string) as sink:
        await deliver(sink, [message])
    (logged,) = read_hub(emulator.data / HUB)
    assert logged.envelope == {**json.loads(message.payload), "sequence": 1}
    assert b"application/cloudevents+json" in logged.message


async def test_what_does_not_fit_into_one_batch_travels_in_several(emulator: Emulator) -> None:
    messages = committed(*(a_message(title="x" * 400_000) for _ in range(7)))
    async with a_sink(emulator.connection_string) as sink:
        delivery = await deliver(sink, messages)
    assert delivery.ids == [message.id for message in messages]
    assert [event.sequence for event in read_hub(emulator.data / HUB)] == list(range(1, 8))


async def test_the_largest_message_that_can_be_committed_is_taken(emulator: Emulator) -> None:
    (largest,) = committed(a_message(title="x" * (900 * 1024 - 600)))
    async with a_sink(emulator.connection_string) as sink:
        assert await deliver(sink, [largest]) == Delivery(ids=[largest.id])


async def test_a_message_that_no_batch_takes_is_poison_after_those_before_it(emulator: Emulator) -> None:
    messages = committed(a_message(), a_message(title="x" * 1_100_000), a_message())
    async with a_sink(emulator.connection_string) as sink:
        delivery = await deliver(sink, messages)
    assert delivery.ids == [messages[0].id]
    assert isinstance(delivery.failure, Poison)
    assert delivery.failure.message_id == messages[1].id
    assert "no room" in delivery.failure.reason
    assert [event.sequence for event in read_hub(emulator.data / HUB)] == [1]


async def test_opened_ahead_it_is_connected_to_every_partition(emulator: Emulator) -> None:
    """It reaches into the SDK as the product does: this is what breaks if a new version is not as the old one."""
    client: Any = connect_with(emulator.connection_string, hub=HUB)()
    await open_partitions(client, 8)
    connected = [client._producers[str(number)].running for number in range(8)]
    await client.close()
    assert connected == [True] * 8


async def test_another_number_of_partitions_is_refused_before_anything_is_sent(emulator: Emulator) -> None:
    async with a_sink(emulator.connection_string, partitions=4) as sink:
        with pytest.raises(PartitionMismatchError):
            await sink.open()
        with pytest.raises(PartitionMismatchError):
            await deliver(sink, committed(a_message()))
    assert read_hub(emulator.data / HUB) == []


async def test_an_unknown_hub_is_an_outage(emulator: Emulator) -> None:
    async with a_sink(emulator.connection_string, hub="cinema.nowhere") as sink:
        delivery = await deliver(sink, committed(a_message()))
    assert delivery.ids == []
    assert delivery.failure is not None


async def test_lanes_are_sent_at_the_same_time(emulator: Emulator) -> None:
    messages = committed(*(a_reservation_message() for _ in range(20)))
    deadline = LeaseDeadline.starting_now(lease_seconds=60.0)
    async with a_sink(emulator.connection_string) as sink:
        deliveries = await asyncio.gather(
            *(sink.deliver(Batch(lane=lane, messages=messages), deadline=deadline) for lane in range(16))
        )
    assert all(delivery.failure is None for delivery in deliveries)
    assert len(read_hub(emulator.data / HUB)) == 16 * 20


async def test_without_time_left_nothing_is_sent(emulator: Emulator) -> None:
    async with a_sink(emulator.connection_string) as sink:
        await sink.open()
        assert await deliver(sink, committed(a_message()), lease_seconds=SEND_SECONDS - 1) == Delivery(ids=[])
    assert read_hub(emulator.data / HUB) == []


async def test_a_hub_that_is_down_is_an_outage_and_taken_up_again(tmp_path: Path) -> None:
    port = free_port()
    messages = committed(a_message(), a_message())
    hubs = (f"{HUB}=8",)
    async with a_sink(address(port)) as sink:
        await sink.open()
        assert (await deliver(sink, messages[:1])).failure is not None
        with Emulator.start(tmp_path / "hubs", port=port, hubs=hubs):
            assert await deliver(sink, messages[:1]) == Delivery(ids=[messages[0].id])
        assert (await deliver(sink, messages[1:])).failure is not None
        with Emulator.start(tmp_path / "hubs", port=port, hubs=hubs):
            assert await deliver(sink, messages[1:]) == Delivery(ids=[messages[1].id])
    assert [event.sequence for event in read_hub(tmp_path / "hubs" / HUB)] == [1, 2]


async def test_a_half_open_hub_is_cut_off_and_its_client_replaced(tmp_path: Path) -> None:
    """A server that accepts and never answers: the SDK alone would hang on it."""
    messages = committed(a_message())

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(never_answer, "localhost", 0)
    port = silent.sockets[0].getsockname()[1]
    async with a_sink(address(port), send_seconds=3.0) as sink:
        cut = await deliver(sink, messages)
        silent.close()
        await silent.wait_closed()
        with Emulator.start(tmp_path / "hubs", port=port, hubs=(f"{HUB}=8",)):
            async with asyncio.timeout(20):
                while (again := await deliver(sink, messages)).failure is not None:
                    await asyncio.sleep(0.05)
    assert cut.failure is not None
    assert cut.failure.reason == "no answer in 3.0 s"
    assert again == Delivery(ids=[messages[0].id])
