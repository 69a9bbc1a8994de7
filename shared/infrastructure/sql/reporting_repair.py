"""Archiving lost events by hand, and counting the facts of their stream anew."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, insert, select, update

from shared.application.audit.findings import EVENT_LOG
from shared.application.audit.ports import StationUnreadableError
from shared.application.audit.records import RecordedEvent
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.reporting_facts import facts_of
from shared.contracts.envelope import MalformedEventError
from shared.infrastructure.sql.audit_reading import recorded, station_transaction
from shared.infrastructure.sql.reporting_statements import ADD_SHOWTIME
from shared.infrastructure.sql.reporting_tables import event_log, reservation_facts, showtime_facts
from shared.infrastructure.sql.reporting_writer import log_row, write_facts
from shared.infrastructure.sql.row_locks import locked

_SHOWTIME = "showtime:"


class SqlReportingRepair:
    """A `ReportingRepair`.

    The showtime's row is locked before the archive is read. A master that records an event of the stream inserts it
    first and then changes that row: so it has either committed by then, and is counted here; or it waits for the lock,
    and adds its own to what is counted here.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def restore(self, stream_id: str, events: Sequence[RecordedEvent]) -> None:
        """See `ReportingRepair.restore`."""
        showtime_id = UUID(stream_id.removeprefix(_SHOWTIME)) if stream_id.startswith(_SHOWTIME) else None
        try:
            with station_transaction(self._engine, station=EVENT_LOG) as connection:
                if showtime_id is not None:
                    _lock_facts(connection, showtime_id)
                log = _log(connection, stream_id)
                lost = [event.as_message() for event in events if event.sequence not in log]
                if lost:
                    connection.execute(insert(event_log), [log_row(message) for message in lost])
                if showtime_id is not None:
                    _count_anew(connection, showtime_id, [*log.values(), *lost])
        except MalformedEventError as error:
            raise StationUnreadableError(EVENT_LOG, f"{stream_id} can't be counted: {error}") from error


def _lock_facts(connection: Connection, showtime_id: UUID) -> None:
    connection.execute(ADD_SHOWTIME, [{"showtime_id": showtime_id}])
    query = select(showtime_facts.c.Id).where(showtime_facts.c.ShowtimeId == showtime_id)
    connection.execute(locked(query, showtime_facts)).one()


def _log(connection: Connection, stream_id: str) -> dict[int, OutboxMessage]:
    query = select(event_log).where(event_log.c.StreamId == stream_id)
    return {row.Sequence: recorded(row, body=row.Payload).as_message() for row in connection.execute(query)}


def _count_anew(connection: Connection, showtime_id: UUID, events: Sequence[OutboxMessage]) -> None:
    connection.execute(
        update(showtime_facts)
        .where(showtime_facts.c.ShowtimeId == showtime_id)
        .values(Version=0, Capacity=0, SeatsHeld=0, SeatsSold=0, SeatsCancelled=0)
    )
    connection.execute(delete(reservation_facts).where(reservation_facts.c.ShowtimeId == showtime_id))
    write_facts(connection, facts_of(sorted(events, key=lambda event: event.sequence)))
