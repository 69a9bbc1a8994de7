"""Writing events, and what they change, into the reporting database within one transaction of the caller's.

An event's row in EventLog is what makes it count once: facts are derived only from rows that were not there before.
Rows are touched in key order, so that two writers can't lock each other out.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, insert, select

from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.reporting_facts import Facts, ReservationFact, ShowtimeFact, facts_of
from shared.contracts.events import ShowtimeState
from shared.infrastructure.sql.id_arrays import uuid_is_among
from shared.infrastructure.sql.reporting_statements import (
    ADD_RESERVATION,
    ADD_SHOWTIME,
    CHANGE_RESERVATION,
    CHANGE_SHOWTIME,
    DESCRIBE_SHOWTIME,
)
from shared.infrastructure.sql.reporting_tables import event_log

Row = dict[str, object]

# Inline: nobody asks for the new ids, and SQLAlchemy would have the first of a single row returned.
_ARCHIVE = insert(event_log).inline()

_LOCK_HINT = "WITH (UPDLOCK, HOLDLOCK)"
"""SQL Server: hold the places of the missing events too, until they are inserted."""


def record(connection: Connection, messages: Sequence[OutboxMessage]) -> None:
    """Archive those messages that are new, and apply what they change.

    Raises:
        MalformedEventError: an event's data does not fit its type.
        IntegrityError: another writer is recording one of the messages at this moment.
    """
    new = _not_yet_logged(connection, messages)
    if not new:
        return
    connection.execute(_ARCHIVE, [log_row(message) for message in new])
    write_facts(connection, facts_of(new))


def write_facts(connection: Connection, facts: Facts) -> None:
    """Apply what some events change. It adds: the same events twice would count twice."""
    _write_showtimes(connection, sorted(facts.showtimes.items()))
    _write_reservations(connection, [fact for _, fact in sorted(facts.reservations.items())])


def is_replaced(connection: Connection, message: OutboxMessage) -> bool:
    """Whether another event is archived at the message's place in its stream, so that the message never can be."""
    query = select(event_log.c.EventId).where(
        event_log.c.StreamId == message.stream_id, event_log.c.Sequence == message.sequence
    )
    return connection.scalar(query) not in {None, message.event_id}


def _not_yet_logged(connection: Connection, messages: Sequence[OutboxMessage]) -> list[OutboxMessage]:
    column = event_log.c.EventId
    query = select(column).where(uuid_is_among(column, (message.event_id for message in messages)))
    logged = set(connection.scalars(query.with_hint(event_log, _LOCK_HINT, "mssql")))
    return [message for message in messages if message.event_id not in logged]


def log_row(message: OutboxMessage) -> Row:
    """An event as EventLog keeps it."""
    return {
        "EventId": message.event_id,
        "StreamId": message.stream_id,
        "Sequence": message.sequence,
        "AggregateType": message.aggregate_type,
        "AggregateId": message.aggregate_id,
        "Version": message.version,
        "Type": message.type,
        "Payload": message.body,
        "OccurredAt": message.occurred_at,
    }


def _write_showtimes(connection: Connection, facts: Sequence[tuple[UUID, ShowtimeFact]]) -> None:
    if not facts:
        return
    counts = [_count_row(showtime_id, fact) for showtime_id, fact in facts]
    connection.execute(ADD_SHOWTIME, counts)
    connection.execute(CHANGE_SHOWTIME, counts)
    if descriptions := [_description_row(fact.state) for _, fact in facts if fact.state is not None]:
        connection.execute(DESCRIBE_SHOWTIME, descriptions)


def _count_row(showtime_id: UUID, fact: ShowtimeFact) -> Row:
    return {
        "showtime_id": showtime_id,
        "held": fact.held,
        "sold": fact.sold,
        "cancelled": fact.cancelled,
    }


def _description_row(state: ShowtimeState) -> Row:
    return {
        "showtime_id": state.showtime_id,
        "movie_id": state.movie.movie_id,
        "movie_title": state.movie.title,
        "auditorium_id": state.auditorium.auditorium_id,
        "screening_time": state.screening_time,
        "status": state.status,
        "version": state.version,
        "capacity": sum(row.seats for row in state.auditorium.rows),
    }


def _write_reservations(connection: Connection, facts: Sequence[ReservationFact]) -> None:
    if not facts:
        return
    rows = [_reservation_row(fact) for fact in facts]
    connection.execute(ADD_RESERVATION, rows)
    connection.execute(CHANGE_RESERVATION, rows)


def _reservation_row(fact: ReservationFact) -> Row:
    return {
        "reservation_id": fact.state.reservation_id,
        "showtime_id": fact.state.showtime_id,
        "seats": len(fact.state.seats),
        "status": fact.state.status,
        "version": fact.state.version,
        "created_at": fact.state.created_at,
        "confirmed_at": fact.confirmed_at,
        "cancelled_at": fact.cancelled_at,
        "reason": fact.reason,
    }
