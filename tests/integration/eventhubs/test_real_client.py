"""The real azure-eventhub client against the emulator, over the wire."""

import asyncio
from collections import Counter
from typing import Any, cast

import pytest
from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient
from azure.eventhub import aio as async_client
from azure.eventhub.exceptions import EventHubError

from tests.integration.eventhubs.emulator import HUB, OTHER_HUB, Emulator

pytestmark = pytest.mark.integration

START = "-1"


def a_producer(emulator: Emulator, *, hub: str = HUB) -> async_client.EventHubProducerClient:
    return async_client.EventHubProducerClient.from_connection_string(
        emulator.connection_string, eventhub_name=hub, retry_total=0
    )


def a_consumer(
    emulator: Emulator, *, hub: str = HUB, group: str = "$Default"
) -> async_client.EventHubConsumerClient:
    return async_client.EventHubConsumerClient.from_connection_string(
        emulator.connection_string, consumer_group=group, eventhub_name=hub, retry_total=0
    )


async def send(emulator: Emulator, bodies: list[str], *, partition: str, hub: str = HUB) -> None:
    async with a_producer(emulator, hub=hub) as producer:
        batch = await producer.create_batch(partition_id=partition)
        for body in bodies:
            batch.add(EventData(body))
        await producer.send_batch(batch)


async def receive(
    emulator: Emulator, *, count: int, hub: str = HUB, group: str = "$Default", **options: Any
) -> list[Any]:
    """The first events that a receiver with these options gets."""
    got: list[Any] = []
    enough = asyncio.Event()

    async def take(_: Any, events: list[Any]) -> None:
        got.extend(events)
        if len(got) >= count:
            enough.set()

    async with a_consumer(emulator, hub=hub, group=group) as consumer:
        reading = asyncio.create_task(
            cast(Any, consumer).receive_batch(
                take, **{"starting_position": START, "max_wait_time": 0.1, **options}
            )
        )
        try:
            async with asyncio.timeout(20):
                await enough.wait()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    return got


def bodies(events: list[Any]) -> list[str]:
    return [event.body_as_str() for event in events]


async def test_a_hub_describes_itself_and_its_partitions(emulator: Emulator) -> None:
    await send(emulator, ["a", "b"], partition="1")
    async with a_producer(emulator) as producer:
        hub = await producer.get_eventhub_properties()
        partition = await producer.get_partition_properties("1")
        empty = await producer.get_partition_properties("0")
    assert (hub["eventhub_name"], hub["partition_ids"]) == (HUB, ["0", "1", "2", "3"])
    assert (partition["last_enqueued_sequence_number"], partition["is_empty"]) == (1, False)
    assert (empty["last_enqueued_sequence_number"], empty["is_empty"]) == (-1, True)


async def test_events_of_a_partition_arrive_in_the_order_they_were_sent(emulator: Emulator) -> None:
    await send(emulator, [f"first {n}" for n in range(50)], partition="2")
    await send(emulator, [f"second {n}" for n in range(50)], partition="2")
    events = await receive(emulator, count=100, partition_id="2")
    assert bodies(events) == [f"first {n}" for n in range(50)] + [f"second {n}" for n in range(50)]
    assert [event.sequence_number for event in events] == list(range(100))


async def test_an_event_reaches_a_waiting_receiver(emulator: Emulator) -> None:
    waiting = asyncio.create_task(receive(emulator, count=2, partition_id="0"))
    await send(emulator, ["one"], partition="0")
    await send(emulator, ["two"], partition="0")
    assert bodies(await waiting) == ["one", "two"]


async def test_a_partition_key_sends_all_its_events_to_one_partition(emulator: Emulator) -> None:
    async with a_producer(emulator) as producer:
        for number in range(6):
            batch = await producer.create_batch(partition_key="showtime:1")
            batch.add(EventData(str(number)))
            await producer.send_batch(batch)
    events = await receive(emulator, count=6)
    assert bodies(events) == list("012345")
    assert {event.partition_key for event in events} == {b"showtime:1"}


async def test_events_without_a_key_are_spread(emulator: Emulator) -> None:
    async with a_producer(emulator) as producer:
        for number in range(8):
            await producer.send_event(EventData(str(number)))
        lasts = [await producer.get_partition_properties(str(number)) for number in range(4)]
    assert [last["last_enqueued_sequence_number"] for last in lasts] == [1, 1, 1, 1]


async def test_properties_and_content_type_survive(emulator: Emulator) -> None:
    event = EventData(b"\x00\xff")
    event.properties = {"kind": "test", "number": 7}
    event.content_type = "application/cloudevents+json"
    event.correlation_id = "c-1"
    async with a_producer(emulator) as producer:
        await producer.send_event(event, partition_id="0")
    (received,) = await receive(emulator, count=1, partition_id="0")
    assert b"".join(received.body) == b"\x00\xff"
    assert received.properties == {b"kind": b"test", b"number": 7}
    assert (received.content_type, received.correlation_id) == ("application/cloudevents+json", "c-1")


@pytest.mark.parametrize(
    ("position", "inclusive", "expected"),
    [
        ("-1", False, 0),
        (4, False, 5),
        (4, True, 4),
        ("offset", False, 4),
        ("offset", True, 3),
        ("time", True, 5),
        ("time", False, 10),
    ],
)
async def test_a_receiver_starts_where_it_is_told(
    emulator: Emulator, position: str | int, *, inclusive: bool, expected: int
) -> None:
    async with a_producer(emulator) as producer:
        for first in (0, 5):
            batch = await producer.create_batch(partition_id="0")
            for number in range(first, first + 5):
                batch.add(EventData(str(number)))
            await producer.send_batch(batch)
            await asyncio.sleep(0.01)  # events of two batches must differ in their millisecond
        await producer.send_event(EventData("last"), partition_id="0")
    stored = await receive(emulator, count=11, partition_id="0")
    start: Any = {"offset": stored[3].offset, "time": stored[5].enqueued_time}.get(str(position), position)
    events = await receive(
        emulator,
        count=11 - expected,
        partition_id="0",
        starting_position=start,
        starting_position_inclusive=inclusive,
    )
    assert bodies(events) == [*map(str, range(expected, 10)), "last"]


async def test_a_receiver_from_the_latest_gets_what_comes_after_it(emulator: Emulator) -> None:
    await send(emulator, ["old"], partition="0")
    receiving = asyncio.create_task(receive(emulator, count=1, partition_id="0", starting_position="@latest"))
    async with a_producer(emulator) as producer:
        while not receiving.done():  # when it has attached is nothing that a client can see
            await producer.send_event(EventData("new"), partition_id="0")
    assert set(bodies(await receiving)) == {"new"}


async def test_a_receiver_with_little_credit_gets_everything_all_the_same(emulator: Emulator) -> None:
    await send(emulator, [str(n) for n in range(50)], partition="0")
    events = await receive(emulator, count=50, partition_id="0", prefetch=3, max_batch_size=2)
    assert bodies(events) == [str(n) for n in range(50)]


async def test_consumer_groups_and_hubs_are_apart(emulator: Emulator) -> None:
    await send(emulator, ["domain"], partition="0")
    await send(emulator, ["reservation"], partition="0", hub=OTHER_HUB)
    assert bodies(await receive(emulator, count=1, group="projector")) == ["domain"]
    assert bodies(await receive(emulator, count=1, group="second")) == ["domain"]
    assert bodies(await receive(emulator, count=1, hub=OTHER_HUB)) == ["reservation"]


async def test_one_client_reads_all_partitions(emulator: Emulator) -> None:
    for partition in range(4):
        await send(emulator, [f"{partition}-{n}" for n in range(25)], partition=str(partition))
    events = await receive(emulator, count=100, group="projector")
    assert Counter(body[0] for body in bodies(events)) == {"0": 25, "1": 25, "2": 25, "3": 25}


async def test_a_large_event_travels_in_several_frames(emulator: Emulator) -> None:
    body = "x" * 900_000
    await send(emulator, [body, "small"], partition="0")
    assert bodies(await receive(emulator, count=2, partition_id="0")) == [body, "small"]


async def test_an_unknown_consumer_group_is_not_found(emulator: Emulator) -> None:
    failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    async def on_error(_: Any, error: Exception) -> None:
        if not failed.done():
            failed.set_result(error)

    async def ignore(*_: Any) -> None: ...

    async with a_consumer(emulator, group="popcorn") as consumer:
        reading = asyncio.create_task(
            consumer.receive(ignore, partition_id="0", on_error=on_error, starting_position=START)
        )
        async with asyncio.timeout(20):
            error = await failed
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert isinstance(error, EventHubError)
    assert "popcorn" in str(error)


async def test_sending_to_an_unknown_hub_fails(emulator: Emulator) -> None:
    with pytest.raises(EventHubError, match="NotFound"):
        await send(emulator, ["x"], partition="0", hub="popcorn")


def test_the_synchronous_client_sends_and_receives(emulator: Emulator) -> None:
    with EventHubProducerClient.from_connection_string(
        emulator.connection_string, eventhub_name=HUB
    ) as producer:
        batch = producer.create_batch(partition_id="3")
        for number in range(10):
            batch.add(EventData(str(number)))
        producer.send_batch(batch)
    got: list[str] = []
    consumer = EventHubConsumerClient.from_connection_string(
        emulator.connection_string, consumer_group="projector", eventhub_name=HUB
    )

    def take(_: Any, events: list[Any]) -> None:
        got.extend(bodies(events))
        if len(got) == 10:
            consumer.close()

    with consumer:
        consumer.receive_batch(take, partition_id="3", starting_position=START, max_wait_time=0.1)
    assert got == [str(number) for number in range(10)]


async def test_a_connection_that_sends_garbage_is_closed_and_the_rest_goes_on(emulator: Emulator) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()
    await writer.wait_closed()
    await send(emulator, ["still here"], partition="0")
    assert bodies(await receive(emulator, count=1, partition_id="0")) == ["still here"]
