"""A hub that accepts a connection and then says nothing, before the sink's first send."""

import asyncio

import pytest

from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.producer_client import EventBatch
from tests.builders.hub_batches import committed, deliver
from tests.builders.outbox_messages import a_message

pytestmark = pytest.mark.unit


class HangingClient:
    """Connected to a hub that never answers."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def get_partition_ids(self) -> list[str]:
        await asyncio.Event().wait()
        return []

    async def create_batch(self, *, partition_id: str) -> EventBatch:
        raise AssertionError(partition_id)

    async def send_batch(self, event_data_batch: EventBatch) -> None:
        raise AssertionError(event_data_batch)

    async def close(self) -> None:
        self.closed.set()


async def test_a_client_that_hangs_while_the_partitions_are_counted_is_replaced() -> None:
    clients: list[HangingClient] = []

    def connect() -> HangingClient:
        clients.append(HangingClient())
        return clients[-1]

    sink = HubSink("domain-events", connect=connect, partitions=8, send_seconds=0.01)
    for _ in range(2):
        assert (await deliver(sink, committed(a_message()))).failure is not None
    async with asyncio.timeout(10):
        await asyncio.gather(*(client.closed.wait() for client in clients))
    await sink.aclose()
    assert len(clients) == 2
