"""The reporting database, for the audit: the archive of events, and the facts that were made of them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, Table, func, select

from shared.application.audit.findings import EVENT_LOG
from shared.application.audit.records import FactRow, RecordedEvent, ReportingRecord
from shared.infrastructure.sql.audit_reading import recorded, station_transaction
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.id_arrays import uuid_is_among
from shared.infrastructure.sql.reporting_tables import event_log, reservation_facts, showtime_facts

_SHOWTIME = "showtime:"
_LOG_END = "LogEnd"


class SqlReportingReader:
    """A `ReportingReader`. It takes no lock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def streams_after(self, stream_id: str, *, limit: int) -> list[str]:
        """See `ReportingReader.streams_after`."""
        query = (
            select(event_log.c.StreamId)
            .where(event_log.c.StreamId > stream_id)
            .group_by(event_log.c.StreamId)
            .order_by(event_log.c.StreamId)
            .limit(limit)
        )
        with station_transaction(self._engine, station=EVENT_LOG) as connection:
            return list(connection.scalars(query))

    def read(self, stream_ids: Collection[str]) -> dict[str, ReportingRecord]:
        """See `ReportingReader.read`."""
        with station_transaction(self._engine, station=EVENT_LOG) as connection:
            facts = _facts(connection, showtime_ids=_showtimes_among(stream_ids))
            log = _log(connection, stream_ids)
        return {
            stream_id: ReportingRecord(log=log[stream_id], facts=facts[stream_id])
            for stream_id in log.keys() | facts.keys()
        }


def _log(connection: Connection, stream_ids: Collection[str]) -> dict[str, dict[int, RecordedEvent]]:
    found: dict[str, dict[int, RecordedEvent]] = defaultdict(dict)
    for row in connection.execute(select(event_log).where(event_log.c.StreamId.in_(sorted(stream_ids)))):
        found[row.StreamId][row.Sequence] = recorded(row, body=row.Payload)
    return found


def _facts(connection: Connection, *, showtime_ids: Collection[UUID]) -> dict[str, dict[str, FactRow]]:
    """The facts of showtimes and of their reservations, by the showtime's stream."""
    found: dict[str, dict[str, FactRow]] = defaultdict(dict)
    if not showtime_ids:
        return found
    for table, prefix, key in (
        (showtime_facts, _SHOWTIME, "ShowtimeId"),
        (reservation_facts, "reservation:", "ReservationId"),
    ):
        for row in connection.execute(_facts_query(table, showtime_ids)).mappings():
            values = dict(row)
            log_end = values.pop(_LOG_END) or 0
            subject = f"{prefix}{row[key]}"
            found[f"{_SHOWTIME}{row['ShowtimeId']}"][subject] = FactRow(values=values, log_end=log_end)
    return found


def _facts_query(table: Table, showtime_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """Facts with the log's end, by one statement, so that both are of one moment."""
    log_end = select(func.max(event_log.c.Id)).scalar_subquery()
    return select(table, log_end.label(_LOG_END)).where(uuid_is_among(table.c.ShowtimeId, showtime_ids))


def _showtimes_among(stream_ids: Collection[str]) -> list[UUID]:
    found: list[UUID] = []
    for stream_id in sorted(stream_ids):
        try:
            found.append(UUID(stream_id.removeprefix(_SHOWTIME)))
        except ValueError:
            continue
    return found
