"""A Kafka sink to a topic of eight partitions."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from shared.application.outbox.messages import OutboxMessage
from shared.infrastructure.kafka.batch_producer import connect_with
from shared.infrastructure.kafka.kafka_sink import KafkaSink
from shared.infrastructure.kafka.security import no_sign_in
from tests.builders.hub_batches import deliver

TOPIC = "cinema.reservations"


@asynccontextmanager
async def a_sink(servers: str, *, send_seconds: float = 4.0) -> AsyncGenerator[KafkaSink]:
    sink = KafkaSink(
        "reservations",
        topic=TOPIC,
        connect=connect_with(servers, security=no_sign_in()),
        partitions=8,
        send_seconds=send_seconds,
        sends_at_once=2,
    )
    try:
        yield sink
    finally:
        await sink.aclose()


async def deliver_all(servers: str, messages: list[OutboxMessage]) -> None:
    """Write messages to the topic, in one batch."""
    async with a_sink(servers) as sink:
        delivery = await deliver(sink, messages)
    assert len(delivery.ids) == len(messages)
