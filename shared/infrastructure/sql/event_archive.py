"""EventLog, for those who project from it: single events of a stream, or all from the beginning to the end."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, select

from shared.application.audit.findings import EVENT_LOG
from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.ports import LogPlace
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.id_arrays import number_is_among
from shared.infrastructure.sql.reporting_tables import event_log


class SqlEventArchive:
    """The `EventArchive` of who fills gaps, and that of rebuilds. It takes no lock, and walks the index of (StreamId, Sequence)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def read(self, stream_id: str, *, sequences: Collection[int], limit: int) -> Sequence[ReceivedEvent]:
        """See `gaps.EventArchive.read`. Seeks in the index, one for each event."""
        is_wanted = number_is_among(event_log.c.Sequence, sequences)
        return self._read(event_log.c.StreamId == stream_id, is_wanted, limit=limit)

    def page(self, *, after: LogPlace, limit: int) -> Sequence[ReceivedEvent]:
        """See `rebuild.ports.EventArchive.page`.

        The rest of a stream and the streams behind it are two ranges, hence two queries. Both have the same limit, which
        is part of the statement's text, and so of its plan.
        """
        rest = self.stream(after.stream_id, after=after.sequence, limit=limit) if after.stream_id else []
        if len(rest) == limit:
            return rest
        return [*rest, *self._read(event_log.c.StreamId > after.stream_id, limit=limit)]

    def stream(self, stream_id: str, *, after: int, limit: int) -> list[ReceivedEvent]:
        """See `rebuild.ports.EventArchive.stream`."""
        return self._read(event_log.c.StreamId == stream_id, event_log.c.Sequence > after, limit=limit)

    def about(self) -> int:
        """See `rebuild.ports.EventArchive.about`. The highest key: to count would read the table."""
        with station_transaction(self._engine, station=EVENT_LOG) as connection:
            return connection.execute(select(func.max(event_log.c.Id))).scalar_one() or 0

    def _read(self, *conditions: ColumnElement[bool], limit: int) -> list[ReceivedEvent]:
        with station_transaction(self._engine, station=EVENT_LOG) as connection:
            return [
                ReceivedEvent(
                    body=row.Payload.encode(), partition=row.StreamId, position=row.Sequence, published=None
                )
                for row in connection.execute(_events(*conditions, limit=limit))
            ]


def _events(*conditions: ColumnElement[bool], limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(event_log.c.StreamId, event_log.c.Sequence, event_log.c.Payload)
        .where(*conditions)
        .order_by(event_log.c.StreamId, event_log.c.Sequence)
        .limit(limit)
    )
