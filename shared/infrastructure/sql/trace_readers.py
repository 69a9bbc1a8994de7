"""One reservation in the write database, and its events in the archive."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, Select, select

from shared.application.audit.findings import EVENT_LOG, OUTBOX
from shared.application.audit.records import RecordedEvent
from shared.application.streams import showtime_stream
from shared.application.tracing.reservation_trace import WrittenReservation
from shared.infrastructure.sql.audit_reading import published_body, recorded, station_transaction
from shared.infrastructure.sql.audit_write_queries import discards_of, waiting_in_lanes, waiting_in_sidings
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.outbox_tables import messages
from shared.infrastructure.sql.reporting_tables import event_log
from shared.infrastructure.sql.write_tables import reservations


class SqlWrittenReservations:
    """A `WrittenReservations`. It reads a range of the stream's index, however many events the outbox has."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def find(self, reservation_id: UUID) -> WrittenReservation | None:
        """See `WrittenReservations.find`."""
        with station_transaction(self._engine, station=OUTBOX) as connection:
            row = connection.execute(_row(reservation_id)).one_or_none()
            return None if row is None else _written(connection, row)


class SqlArchive:
    """An `Archive` over EventLog."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def events_of(self, stream_id: str, *, reservation_id: UUID) -> Mapping[int, RecordedEvent]:
        """See `Archive.events_of`."""
        query = select(event_log).where(
            event_log.c.StreamId == stream_id, event_log.c.AggregateId == str(reservation_id)
        )
        with station_transaction(self._engine, station=EVENT_LOG) as connection:
            return {row.Sequence: recorded(row, body=row.Payload) for row in connection.execute(query)}


def _row(reservation_id: UUID) -> Select[*tuple[Any, ...]]:
    return select(
        reservations.c.ReservationId, reservations.c.ShowtimeId, reservations.c.Status, reservations.c.Version
    ).where(reservations.c.ReservationId == reservation_id)


def _written(connection: Connection, row: Row[*tuple[Any, ...]]) -> WrittenReservation:
    """The messages before what waits, so that what waits no more was delivered."""
    stream_id, identity = showtime_stream(row.ShowtimeId), str(row.ReservationId)
    its_messages = select(messages).where(
        messages.c.StreamId == stream_id, messages.c.AggregateId == identity
    )
    events = {
        message.Sequence: recorded(message, body=published_body(message))
        for message in connection.execute(its_messages)
    }
    return WrittenReservation(
        reservation_id=row.ReservationId,
        stream_id=stream_id,
        status=row.Status,
        version=row.Version,
        messages=events,
        waiting=_by_sink(connection, waiting_in_lanes([stream_id]).where(messages.c.AggregateId == identity)),
        held=_by_sink(connection, waiting_in_sidings([stream_id]).where(messages.c.AggregateId == identity)),
        discarded=_by_sink(connection, discards_of([stream_id])),
    )


def _by_sink(connection: Connection, query: Select[*tuple[Any, ...]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for row in connection.execute(query):
        found[row.Sink].add(row.Sequence)
    return {sink: frozenset(sequences) for sink, sequences in found.items()}
