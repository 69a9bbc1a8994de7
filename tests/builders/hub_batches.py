"""Batches of one lane for the hub sinks' tests."""

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Sink
from tests.builders.outbox_messages import as_read

LANE = 19


def committed(*new: NewMessage) -> list[OutboxMessage]:
    """These messages as one stream's, with ids from 101 and sequences from 1."""
    return [
        as_read(message, id=100 + place, lane=LANE, sequence=place) for place, message in enumerate(new, 1)
    ]


async def deliver(
    sink: Sink, messages: list[OutboxMessage], *, lane: int = LANE, lease_seconds: float = 60.0
) -> Delivery:
    """Hand a sink one batch."""
    deadline = LeaseDeadline.starting_now(lease_seconds=lease_seconds)
    return await sink.deliver(Batch(lane=lane, messages=messages), deadline=deadline)
