"""What the AMQP hub sink does beyond the contract of all hub sinks (`tests/contract/hub_sinks`)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.application.outbox.ports import Delivery, Poison
from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.namespace import named_by
from shared.infrastructure.eventhub.producer_client import connect_with, open_partitions
from tests.builders.hub_batches import committed, deliver
from tests.builders.outbox_messages import a_message
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import read_hub

pytestmark = pytest.mark.integration

HUB = "cinema.domain.events"
SEND_SECONDS = 4.0
SHORT_SEND_SECONDS = 3.0


@asynccontextmanager
async def a_sink(
    connection_string: str, *, hub: str = HUB, partitions: int = 8, send_seconds: float = SEND_SECONDS
) -> AsyncGenerator[HubSink]:
    sink = HubSink(
        "domain-events",
        connect=connect_with(named_by(connection_string), hub=hub),
        partitions=partitions,
        send_seconds=send_seconds,
    )
    try:
        yield sink
    finally:
        await sink.aclose()


def address(port: int) -> str:
    return (
        f"Endpoint=sb://localhost:{port};SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true;"
    )


async def test_the_content_type_says_that_the_body_is_the_whole_event(emulator: Emulator) -> None:
    (message,) = committed(a_message())
    async with a_sink(emulator.connection_string) as sink:
        await deliver(sink, [message])
    (logged,) = read_hub(emulator.data / HUB)
    assert b"application/cloudevents+json" in logged.message


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
    client: Any = connect_with(named_by(emulator.connection_string), hub=HUB)()
    await open_partitions(client, 8)
    connected = [client._producers[str(number)].running for number in range(8)]
    await client.close()
    assert connected == [True] * 8


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
    assert cut.failure.reason == "no answer in time"
    assert again == Delivery(ids=[messages[0].id])


async def test_a_hub_that_is_slow_to_connect_to_is_reached_all_the_same(emulator: Emulator) -> None:
    """Its connections together take longer than a send may: cut by then, no client would get further than the last."""
    held_up = 0

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def connect_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal held_up
        await asyncio.sleep(SHORT_SEND_SECONDS / 3)
        held_up += 1
        there, back = await asyncio.open_connection("localhost", emulator.port)
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    (message,) = committed(a_message())
    async with await asyncio.start_server(connect_late, "localhost", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        async with a_sink(address(port), send_seconds=SHORT_SEND_SECONDS) as sink:
            async with asyncio.timeout(60):
                while (delivery := await deliver(sink, [message])).failure is not None:
                    await asyncio.sleep(0)
    assert delivery == Delivery(ids=[message.id])
    assert held_up >= 2
