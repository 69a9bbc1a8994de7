"""What waits of some streams for whom. A delivery only ever moves from its lane to a siding: ask in this order."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from shared.application.outbox.routing import ROUTES
from shared.infrastructure.sql.outbox_tables import deliveries, discards, holds, messages

Query = Select[*tuple[Any, ...]]


def waiting_in_lanes(stream_ids: Collection[str]) -> Query:
    """What waits in the streams' own lanes: a seek for each message and sink."""
    return (
        select(deliveries.c.Sink, messages.c.StreamId, messages.c.Sequence)
        .join(messages, messages.c.Id == deliveries.c.MessageId)
        .where(
            deliveries.c.Sink.in_(list(ROUTES)),
            deliveries.c.Lane == messages.c.Lane,
            messages.c.StreamId.in_(sorted(stream_ids)),
        )
    )


def waiting_in_sidings(stream_ids: Collection[str]) -> Query:
    """What stands aside behind a dead letter."""
    return (
        select(deliveries.c.Sink, messages.c.StreamId, messages.c.Sequence)
        .join(holds, (holds.c.Sink == deliveries.c.Sink) & (deliveries.c.Lane == -holds.c.Id))
        .join(messages, messages.c.Id == deliveries.c.MessageId)
        .where(holds.c.StreamId.in_(sorted(stream_ids)))
    )


def holds_of(stream_ids: Collection[str]) -> Query:
    """Which sinks hold which of the streams."""
    return select(holds.c.Sink, holds.c.StreamId).where(holds.c.StreamId.in_(sorted(stream_ids)))


def discards_of(stream_ids: Collection[str]) -> Query:
    """The gaps that an operator has allowed. Ask after what waits: it is recorded when a delivery goes."""
    return select(discards.c.Sink, discards.c.StreamId, discards.c.Sequence).where(
        discards.c.StreamId.in_(sorted(stream_ids))
    )
