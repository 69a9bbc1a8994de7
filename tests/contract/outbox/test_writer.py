"""The append, on every database: numbers without gaps, ids in order, all or nothing."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shared.application.outbox.messages import EventTooLargeError, NewMessage
from shared.infrastructure.sql.outbox_tables import messages
from shared.infrastructure.sql.outbox_writer import (
    UnknownStreamError,
    append_messages,
    last_sequence,
    open_stream,
)
from tests.builders.outbox_messages import a_message, a_reservation_message
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.contract


def stored(database: OutboxDatabase) -> Sequence[tuple[str, int]]:
    """Streams and sequences in the order of their ids."""
    query = select(messages.c.StreamId, messages.c.Sequence).order_by(messages.c.Id)
    with database.engine.begin() as connection:
        return [(row.StreamId, row.Sequence) for row in connection.execute(query)]


def open_all(database: OutboxDatabase, *stream_ids: str) -> None:
    with Session(database.engine) as session, session.begin():
        for stream_id in stream_ids:
            open_stream(session, stream_id)


def append(database: OutboxDatabase, *new: NewMessage) -> list[int]:
    with Session(database.engine) as session, session.begin():
        sequences = append_messages(session, messages=new)
    return [sequences[message.event_id] for message in new]


def test_each_stream_counts_for_itself_from_one(database: OutboxDatabase) -> None:
    open_all(database, "movie:b", "movie:a")
    new = [a_message(stream) for stream in ("movie:b", "movie:a", "movie:b")]
    assert append(database, *new) == [1, 1, 2]
    assert append(database, a_message("movie:b")) == [3]


def test_the_rows_of_a_command_have_ids_in_its_order(database: OutboxDatabase) -> None:
    streams = [f"movie:{number}" for number in (3, 1, 2)]
    open_all(database, *streams)
    append(database, *(a_message(stream) for stream in streams for _ in range(30)))
    assert stored(database) == [(stream, number) for stream in streams for number in range(1, 31)]


def test_the_last_sequence_can_be_asked(database: OutboxDatabase) -> None:
    open_all(database, "movie:a")
    append(database, a_message("movie:a"), a_message("movie:a"))
    with Session(database.engine) as session:
        assert last_sequence(session, "movie:a") == 2
        assert last_sequence(session, "movie:unknown") == 0


def test_a_message_is_kept_to_the_letter(database: OutboxDatabase) -> None:
    open_all(database, "movie:a")
    new = replace(a_message("movie:a", title='千と千尋 "\\ \n\u2028 👻 \\u0000 '), traceparent="00-aa-bb-01")
    append(database, new)
    with database.engine.begin() as connection:
        row = connection.execute(select(messages)).one()
    assert (row.Payload, row.TraceParent, row.OccurredAt, row.EventId) == (
        new.payload,
        new.traceparent,
        new.occurred_at,
        new.event_id,
    )


def test_appending_nothing_is_no_statement(database: OutboxDatabase) -> None:
    with Session(database.engine) as session:
        assert append_messages(session, messages=[]) == {}


def test_a_stream_that_nobody_opened_is_refused_with_all_the_rest(database: OutboxDatabase) -> None:
    open_all(database, "movie:a")
    with pytest.raises(UnknownStreamError, match="movie:z"):
        append(database, a_message("movie:a"), a_message("movie:z"))
    assert stored(database) == []
    assert append(database, a_message("movie:a")) == [1]


def test_a_rolled_back_command_leaves_no_gap(database: OutboxDatabase) -> None:
    open_all(database, "movie:a")
    with Session(database.engine) as session:
        append_messages(session, messages=[a_message("movie:a")])
        session.rollback()
    assert append(database, a_message("movie:a")) == [1]


def test_what_is_too_large_is_refused_before_anything_is_written(database: OutboxDatabase) -> None:
    open_all(database, "movie:a")
    with pytest.raises(EventTooLargeError):
        append(database, a_message("movie:a"), a_message("movie:a", title="x" * 1_000_000))
    assert stored(database) == []


def test_commands_at_once_leave_no_gap_and_no_disorder(database: OutboxDatabase) -> None:
    streams = ["showtime:b", "showtime:a", "showtime:c"]
    open_all(database, *streams)

    def command(number: int) -> None:
        chosen = Random(number).choices(streams, k=4)  # noqa: S311 repeatable on purpose
        append(database, *(a_reservation_message(stream) for stream in chosen))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(command, range(60)))
    for stream in streams:
        sequences = [sequence for stored_stream, sequence in stored(database) if stored_stream == stream]
        assert sequences == list(range(1, len(sequences) + 1))
    assert len(stored(database)) == 240


@pytest.mark.full
def test_on_postgresql_the_append_is_one_round_trip(postgres_outbox: OutboxDatabase) -> None:
    open_all(postgres_outbox, "movie:a", "movie:b")
    statements: list[object] = []

    def note(*arguments: object) -> None:
        statements.append(arguments[2])

    event.listen(postgres_outbox.engine, "before_cursor_execute", note)
    append(postgres_outbox, *(a_message(stream) for stream in ("movie:a", "movie:b") for _ in range(20)))
    event.remove(postgres_outbox.engine, "before_cursor_execute", note)
    assert len(statements) == 1
