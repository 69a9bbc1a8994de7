"""What the drain is measured against: the same messages in the same batches, sent by the same client, and nothing else.

All batches are read, put in order and rendered before the clock starts. As many tasks for each hub as the master has
workers, each with one send under way, over one client for each hub whose partitions are connected ahead: so does the master.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import cast

from azure.eventhub import EventData
from azure.eventhub.aio import EventHubProducerClient
from sqlalchemy import Connection, select

from benchmarks.drain.child import say_done, wait_for_start
from benchmarks.drain.outbox import engine_for
from shared.application.outbox.lanes import LANES
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS
from shared.contracts.envelope import CONTENT_TYPE, with_sequence
from shared.infrastructure.eventhub.producer_client import ProducerClient, open_partitions
from shared.infrastructure.sql.outbox_tables import deliveries, messages
from shared.settings import MasterSettings, load


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBatch:
    """Bodies that go to one partition at once."""

    partition: str
    bodies: list[str]


def prepared_batches(
    connection: Connection, *, sink: str, settings: MasterSettings
) -> Iterator[PreparedBatch]:
    """A sink's deliveries as the master cuts them: a lane's by message id, each batch by stream and sequence."""
    query = (
        select(messages.c.Lane, messages.c.StreamId, messages.c.Sequence, messages.c.Payload)
        .join(deliveries, deliveries.c.MessageId == messages.c.Id)
        .where(deliveries.c.Sink == sink)
        .order_by(deliveries.c.MessageId)
    )
    lanes: dict[int, list[tuple[str, int, str]]] = {lane: [] for lane in range(LANES)}
    for lane, *rest in connection.execute(query):
        lanes[lane].append(tuple(rest))
    batch_size = settings.master_batch_size
    for start in range(0, max(map(len, lanes.values())), batch_size):
        for lane, waiting in lanes.items():
            if batch := sorted(waiting[start : start + batch_size]):
                bodies = [with_sequence(payload, sequence=sequence) for _, sequence, payload in batch]
                yield PreparedBatch(partition=str(lane % settings.hub_partitions), bodies=bodies)


async def send_all(client: EventHubProducerClient, batches: Iterable[PreparedBatch], *, tasks: int) -> None:
    """Every batch once, by so many tasks that each take the next one."""
    waiting = iter(batches)

    async def work() -> None:
        for batch in waiting:
            await send(client, batch)

    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(work())


async def send(client: EventHubProducerClient, batch: PreparedBatch) -> None:
    rest = batch.bodies
    while rest:
        packed = await client.create_batch(partition_id=batch.partition)
        for body in rest:
            event = EventData(body)
            event.content_type = CONTENT_TYPE
            try:
                packed.add(event)
            except ValueError:
                break
        await client.send_batch(packed)
        rest = rest[len(packed) :]


async def main() -> None:
    settings = load(MasterSettings)
    with engine_for(settings.write_database_url).connect() as connection:
        by_hub = {
            hub: list(prepared_batches(connection, sink=sink, settings=settings))
            for sink, hub in (
                (DOMAIN_EVENTS, settings.domain_events_hub),
                (RESERVATIONS, settings.reservations_hub),
            )
        }
    async with AsyncExitStack() as stack:
        clients = {hub: await stack.enter_async_context(connected(settings, hub=hub)) for hub in by_hub}
        await asyncio.to_thread(wait_for_start)
        async with asyncio.TaskGroup() as group:
            for hub, batches in by_hub.items():
                group.create_task(send_all(clients[hub], batches, tasks=settings.master_workers_per_sink))
        say_done()


@asynccontextmanager
async def connected(settings: MasterSettings, *, hub: str) -> AsyncGenerator[EventHubProducerClient]:
    assert settings.event_hub
    async with EventHubProducerClient.from_connection_string(settings.event_hub, eventhub_name=hub) as client:
        await open_partitions(cast(ProducerClient, client), settings.hub_partitions)
        yield client


if __name__ == "__main__":
    asyncio.run(main())
