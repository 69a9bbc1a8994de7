"""What Event Hubs does to its clients now and then, over the wire."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from azure.eventhub import EventData
from azure.eventhub import aio as async_client
from azure.eventhub.exceptions import EventDataSendError, EventHubError

from tests.integration.eventhubs.emulator import HUB, OTHER_HUB, Emulator
from tests.integration.eventhubs.test_real_client import START, a_consumer, a_producer, bodies, receive, send

pytestmark = pytest.mark.integration


def a_patient_producer(emulator: Emulator) -> async_client.EventHubProducerClient:
    """It tries again, as the SDK does unless it is told not to."""
    return async_client.EventHubProducerClient.from_connection_string(
        emulator.connection_string, eventhub_name=HUB, retry_total=3, retry_backoff_factor=0.01
    )


async def send_one(producer: async_client.EventHubProducerClient, body: str) -> None:
    batch = await producer.create_batch(partition_id="0")
    batch.add(EventData(body))
    await producer.send_batch(batch)


async def test_a_busy_hub_takes_nothing_and_says_so_and_others_are_not_busy(emulator: Emulator) -> None:
    emulator.strike(f"busy {HUB}")
    with pytest.raises(EventHubError, match="server-busy"):
        await send(emulator, ["x"], partition="0")
    await send(emulator, ["other"], partition="0", hub=OTHER_HUB)
    emulator.strike()
    await send(emulator, ["y"], partition="0")
    assert bodies(await receive(emulator, count=1, partition_id="0")) == ["y"]


async def test_the_client_gives_a_busy_hub_up_at_once_and_can_be_used_again(emulator: Emulator) -> None:
    """Its retries are for broken connections and links: to wait is left to whoever calls it."""
    emulator.strike(f"busy {HUB} 1")
    async with a_patient_producer(emulator) as producer:
        with pytest.raises(EventDataSendError, match="server-busy"):
            await send_one(producer, "refused")
        await send_one(producer, "taken")
    assert bodies(await receive(emulator, count=1, partition_id="0")) == ["taken"]


async def test_an_answer_that_is_lost_makes_the_client_send_again(emulator: Emulator) -> None:
    emulator.strike(f"cut {HUB} 1")
    async with a_patient_producer(emulator) as producer:
        await send_one(producer, "twice")
        await send_one(producer, "once")
    assert bodies(await receive(emulator, count=3, partition_id="0")) == ["twice", "twice", "once"]


async def test_clients_survive_that_their_connections_are_closed(emulator: Emulator) -> None:
    got: list[str] = []
    grown = asyncio.Event()

    async def take(_: Any, events: list[Any]) -> None:
        got.extend(bodies(events))
        grown.set()

    async with a_patient_producer(emulator) as producer, a_consumer(emulator) as consumer:
        reading = asyncio.create_task(
            consumer.receive_batch(take, partition_id="0", starting_position=START, max_wait_time=0.1)
        )
        async with asyncio.timeout(60):
            for number in range(2):
                await send_one(producer, str(number))
                while str(number) not in got:
                    grown.clear()
                    await grown.wait()
                emulator.dismiss_everybody()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert list(dict.fromkeys(got)) == ["0", "1"]


async def test_a_stop_amid_connections_is_silent(tmp_path: Path) -> None:
    async def ignore(*_: Any) -> None: ...

    emulator = Emulator.start(tmp_path)
    async with a_producer(emulator) as producer, a_consumer(emulator) as consumer:
        await send_one(producer, "x")
        reading = asyncio.create_task(
            consumer.receive_batch(ignore, starting_position=START, max_wait_time=0.1)
        )
        silent, _ = await asyncio.open_connection("127.0.0.1", emulator.port)
        await receive(emulator, count=1, partition_id="0")
        emulator.process.terminate()
        assert await asyncio.to_thread(emulator.process.wait, 20) == 0
        assert await silent.read() == b""
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert emulator.complaints == ""


async def test_retention_drops_the_oldest_and_a_reader_from_the_start_begins_at_the_first_left(
    tmp_path: Path,
) -> None:
    with Emulator.start(tmp_path, options=("--retention-bytes", "20000")) as emulator:
        first = "x" * 1_000
        await send(emulator, [first], partition="0")
        (oldest,) = await receive(emulator, count=1, partition_id="0")
        async with a_producer(emulator) as producer:
            for number in range(60):
                await send_one(producer, f"{number} {first}")
            properties = await producer.get_partition_properties("0")
        begin, last = properties["beginning_sequence_number"], properties["last_enqueued_sequence_number"]
        assert (begin > 0, last) == (True, 60)
        for position in (START, oldest.offset, oldest.sequence_number, oldest.enqueued_time):
            events = await receive(
                emulator, count=last - begin + 1, partition_id="0", starting_position=position
            )
            assert [event.sequence_number for event in events] == list(range(begin, last + 1))
