"""The newest events of the outbox that the hub of all events has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Select, exists, select

from shared.application.outbox.routing import DOMAIN_EVENTS
from shared.application.pipeline.pipeline import DeliveredEvent
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.outbox_clock import DatabaseNow
from shared.infrastructure.sql.outbox_store import outbox_transaction
from shared.infrastructure.sql.outbox_tables import deliveries, holds, messages


class SqlDeliveredEvents:
    """A `DeliveredEvents`. It reads the end of the clustered key, however much waits or is kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def newest(self, *, most: int) -> Sequence[DeliveredEvent]:
        """See `DeliveredEvents.newest`."""
        with outbox_transaction(self._engine) as connection:
            now = connection.execute(select(DatabaseNow())).scalar_one()
            return [
                DeliveredEvent(
                    stream_id=row.StreamId,
                    sequence=row.Sequence,
                    version=row.Version,
                    lane=row.Lane,
                    # The command's clock may be ahead of the database's.
                    age_seconds=max((now - row.OccurredAt).total_seconds(), 0.0),
                )
                for row in connection.execute(_delivered(most))
            ]


def _delivered(most: int) -> Select[*tuple[Any, ...]]:
    """What waits, or is of a stream that is held, is left out *after* the newest were taken: else a backlog is walked."""
    newest = (
        select(
            messages.c.Id,
            messages.c.StreamId,
            messages.c.Sequence,
            messages.c.Version,
            messages.c.Lane,
            messages.c.OccurredAt,
        )
        .order_by(messages.c.Id.desc())
        .limit(most)
        .subquery("Newest")
    )
    waits = exists().where(
        deliveries.c.Sink == DOMAIN_EVENTS,
        deliveries.c.Lane == newest.c.Lane,
        deliveries.c.MessageId == newest.c.Id,
    )
    is_held = exists().where(holds.c.Sink == DOMAIN_EVENTS, holds.c.StreamId == newest.c.StreamId)
    return select(newest).where(~waits, ~is_held).order_by(newest.c.Id)
