"""Putting events into the outbox: the last step of a command's transaction.

A stream's row is locked last and held until the commit, so that within a stream the order of sequences, of message
ids and of commits is one and the same. That is what lets the master read without locks.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shared.application.outbox.lanes import lane_of
from shared.application.outbox.messages import NewMessage, check_publishable
from shared.infrastructure.sql import outbox_tables as tables
from shared.infrastructure.sql.completion import Completion, complete
from shared.infrastructure.sql.outbox_writer_postgresql import append_on_postgresql
from shared.infrastructure.sql.outbox_writer_sql_server import append_on_sql_server


class UnknownStreamError(Exception):
    """A message names a stream that no command has opened: a mistake of the caller's, never of a user's."""

    def __init__(self, stream_ids: Sequence[str]) -> None:
        super().__init__(f"not opened: {', '.join(stream_ids)}")
        self.stream_ids = tuple(stream_ids)


def open_stream(session: Session, stream_id: str) -> None:
    """Begin a stream, in the transaction that creates its showtime, movie or auditorium."""
    session.execute(insert(tables.streams).values(StreamId=stream_id, LastSequence=0))


def last_sequence(session: Session, stream_id: str) -> int:
    """The sequence of the stream's newest event, 0 if it has none or does not exist. Takes no lock."""
    query = select(tables.streams.c.LastSequence).where(tables.streams.c.StreamId == stream_id)
    return session.execute(query).scalar() or 0


def append_messages(
    session: Session, *, messages: Sequence[NewMessage], completion: Completion | None = None
) -> dict[UUID, int]:
    """Give each message its stream's next sequence, and insert it with a delivery for each sink that it concerns.

    A completion is written with them, in the same round trip where there is one.

    Call it last before the commit: it locks the streams in ascending order, and other commands on them wait.

    Returns:
        The sequence of each event.

    Raises:
        EventTooLargeError, PayloadNotJsonError, NoSinkError: a sink could not carry a message; nothing was inserted.
        UnknownStreamError: a stream was not opened; the transaction must be rolled back.
    """
    for message in messages:
        check_publishable(message)
    if not messages:
        return {}
    session.flush()
    append = _APPENDERS.get(session.get_bind().dialect.name, _append_with_core)
    sequences = append(session, messages, completion)
    if len(sequences) < len(messages):
        raise UnknownStreamError(
            sorted({message.stream_id for message in messages if message.event_id not in sequences})
        )
    return sequences


def _append_with_core(
    session: Session, messages: Sequence[NewMessage], completion: Completion | None
) -> dict[UUID, int]:
    """A few statements, for SQLite: they cost no round trip, and the write lock is held already."""
    sequences = _next_sequences(session, messages)
    numbered = [message for message in messages if message.event_id in sequences]
    if not numbered:
        return {}
    ids = session.scalars(
        insert(tables.messages).returning(tables.messages.c.Id, sort_by_parameter_order=True),
        [_message_row(message, sequence=sequences[message.event_id]) for message in numbered],
    ).all()
    session.execute(
        insert(tables.deliveries),
        [
            {"Sink": sink, "Lane": lane_of(message.stream_id), "MessageId": message_id}
            for message, message_id in zip(numbered, ids, strict=True)
            for sink in message.sinks
        ],
    )
    if completion is not None:
        complete(session, completion, sequence=completion.reached(messages, sequences=sequences))
    return sequences


def _next_sequences(session: Session, messages: Sequence[NewMessage]) -> dict[UUID, int]:
    by_stream = sorted(messages, key=attrgetter("stream_id"))
    sequences: dict[UUID, int] = {}
    for stream_id, group in groupby(by_stream, key=attrgetter("stream_id")):
        of_stream = list(group)
        last = session.scalar(
            update(tables.streams)
            .where(tables.streams.c.StreamId == stream_id)
            .values(LastSequence=tables.streams.c.LastSequence + len(of_stream))
            .returning(tables.streams.c.LastSequence)
        )
        if last is not None:
            first = last - len(of_stream) + 1
            sequences |= {message.event_id: first + place for place, message in enumerate(of_stream)}
    return sequences


def _message_row(message: NewMessage, *, sequence: int) -> dict[str, object]:
    return {
        "EventId": message.event_id,
        "StreamId": message.stream_id,
        "Sequence": sequence,
        "Lane": lane_of(message.stream_id),
        "AggregateType": message.aggregate_type,
        "AggregateId": message.aggregate_id,
        "Version": message.version,
        "Type": message.type,
        "Payload": message.payload,
        "TraceParent": message.traceparent,
        "OccurredAt": message.occurred_at,
    }


_APPENDERS: dict[str, Callable[[Session, Sequence[NewMessage], Completion | None], dict[UUID, int]]] = {
    "postgresql": append_on_postgresql,
    "mssql": append_on_sql_server,
}
