"""What only a database can show of the outbox's history: locks, interleaved transactions, sinks that nobody knows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shared.application.outbox.lanes import lane_of
from shared.application.outbox.retention import RetentionStep
from shared.infrastructure.sql.outbox_tables import messages
from shared.infrastructure.sql.row_locks import locked
from tests.builders.outbox_messages import a_reservation_message
from tests.contract.outbox.test_retention import RETENTION
from tests.fakes.outbox_history import Past
from tests.servers.outbox_database import append_opening
from tests.servers.outbox_history import HistoryDatabase, lock_and_deliver_again

pytestmark = pytest.mark.contract


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[HistoryDatabase]:
    database = HistoryDatabase(f"sqlite:///{tmp_path / 'cinema.db'}")
    yield database
    database.close()


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[HistoryDatabase]:
    database = HistoryDatabase(postgres_url)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def history(request: pytest.FixtureRequest) -> HistoryDatabase:
    chosen: HistoryDatabase = request.getfixturevalue(f"on_{request.param}")
    return chosen


def forget(history: HistoryDatabase, *, most: int = 100) -> RetentionStep:
    return history.forget(after=0, until=history.now() - RETENTION, most=most)


def forget_while(history: HistoryDatabase, act: Callable[[], object]) -> RetentionStep:
    """Something is done when the messages have been looked at, just before the transaction that deletes begins."""
    until = history.now() - RETENTION
    ended: list[object] = []

    def commit(connection: object) -> None:
        ended.append(connection)
        if len(ended) == 1:
            act()

    event.listen(history.outbox.engine, "commit", commit)
    step = history.forget(after=0, until=until, most=100)
    assert len(ended) > 1
    return step


def test_ids_are_not_used_again_and_a_streams_sequence_goes_on(history: HistoryDatabase) -> None:
    *_, last = history.commit(Past(), Past())
    assert forget(history).forgotten == 2
    (following,) = history.commit(Past(hours=1))
    with history.outbox.engine.begin() as connection:
        sequence = connection.scalar(select(messages.c.Sequence).where(messages.c.Id == following))
    assert following > last
    assert sequence == 3


def test_what_waits_for_a_sink_that_nobody_knows_is_kept(history: HistoryDatabase) -> None:
    (message_id,) = history.commit(Past())
    history.outbox.address_to("search-index", lane=lane_of("showtime:0"), message_id=message_id)
    forget(history)
    assert history.remaining() == [message_id]


def test_what_is_to_be_delivered_again_after_it_was_looked_at_is_kept(history: HistoryDatabase) -> None:
    again, other = history.commit(Past(), Past())
    step = forget_while(history, lambda: history.deliver_again("reporting", again))
    assert (step.forgotten, step.kept) == (1, 1)
    assert history.remaining() == [again]
    assert not history.deliver_again("reporting", other)


def test_a_stream_that_is_held_after_it_was_looked_at_is_kept(history: HistoryDatabase) -> None:
    ids = history.commit(Past(), Past())
    step = forget_while(history, lambda: history.hold("reporting", "showtime:0"))
    assert (step.forgotten, step.kept) == (0, 2)
    assert history.remaining() == ids


def test_what_another_run_has_deleted_meanwhile_is_not_counted(history: HistoryDatabase) -> None:
    history.commit(Past(), Past())
    step = forget_while(history, lambda: forget(history, most=1))
    assert step.forgotten == 1
    assert history.remaining() == []


@pytest.mark.full
def test_what_is_about_to_be_delivered_again_is_passed_by(on_postgres: HistoryDatabase) -> None:
    again, _ = on_postgres.commit(Past(), Past())
    with on_postgres.outbox.engine.begin() as repair:
        assert lock_and_deliver_again(repair, "reporting", again)
        assert forget(on_postgres).forgotten == 1
    assert on_postgres.remaining() == [again]
    assert on_postgres.outbox.pending("reporting") == [again]


@pytest.mark.full
def test_a_message_is_locked_before_it_is_judged_for_good(on_postgres: HistoryDatabase) -> None:
    """Else a delivery that is committed while it is being deleted would be left without its message."""
    on_postgres.commit(Past())
    free: list[int] = []

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("DELETE"):
            with on_postgres.outbox.engine.begin() as other:
                free.extend(other.scalars(select(messages.c.Id).with_for_update(read=True, skip_locked=True)))

    event.listen(on_postgres.outbox.engine, "before_cursor_execute", look)
    assert forget(on_postgres).forgotten == 1
    assert free == []


@pytest.mark.full
def test_a_run_waits_neither_for_another_nor_for_a_command(on_postgres: HistoryDatabase) -> None:
    first, _ = on_postgres.commit(Past(), Past())
    with Session(on_postgres.outbox.engine) as command, command.begin():
        append_opening(command, a_reservation_message())
        with on_postgres.outbox.engine.begin() as other_run:
            other_run.execute(locked(select(messages.c.Id).where(messages.c.Id == first), messages))
            step = forget(on_postgres)
    assert (step.forgotten, step.kept) == (1, 1)


@pytest.mark.parametrize("kept", [(), ("reporting",)])
def test_a_step_costs_the_same_statements_however_long_it_is(
    history: HistoryDatabase, kept: tuple[str, ...]
) -> None:
    def statements_for(count: int) -> int:
        history.commit(*(Past(waiting=kept) for _ in range(count)))
        until = history.now() - RETENTION
        statements: list[str] = []

        def note(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        event.listen(history.outbox.engine, "before_cursor_execute", note)
        history.forget(after=0, until=until, most=1_000)
        event.remove(history.outbox.engine, "before_cursor_execute", note)
        return len(statements)

    assert statements_for(1) == statements_for(50) <= 6
