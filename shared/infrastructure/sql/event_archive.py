"""Single events of a stream from EventLog."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Engine, Select, select

from shared.application.audit.findings import EVENT_LOG
from shared.application.projections.received_events import ReceivedEvent
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.id_arrays import number_is_among
from shared.infrastructure.sql.reporting_tables import event_log


class SqlEventArchive:
    """An `EventArchive`. It takes no lock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def read(self, stream_id: str, *, sequences: Collection[int], limit: int) -> Sequence[ReceivedEvent]:
        """See `EventArchive.read`."""
        query = events_at(stream_id, sequences=sequences, limit=limit)
        with station_transaction(self._engine, station=EVENT_LOG) as connection:
            return [
                ReceivedEvent(
                    body=row.Payload.encode(), partition=stream_id, position=row.Sequence, published=None
                )
                for row in connection.execute(query)
            ]


def events_at(stream_id: str, *, sequences: Collection[int], limit: int) -> Select[*tuple[Any, ...]]:
    """The first so many of these events of a stream: seeks in its index, one for each."""
    return (
        select(event_log.c.Sequence, event_log.c.Payload)
        .where(event_log.c.StreamId == stream_id, number_is_among(event_log.c.Sequence, sequences))
        .order_by(event_log.c.Sequence)
        .limit(limit)
    )
