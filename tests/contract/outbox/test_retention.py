"""What every history of the outbox promises: only what is old and needed by nobody is forgotten."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.application.outbox.retention import ForgetDeliveredMessages, OutboxHistory, RetentionTally
from tests.contract.outbox.conftest import PARTITIONS
from tests.fakes.outbox_history import FakeOutboxHistory, Past
from tests.servers.outbox_history import HistoryDatabase

pytestmark = pytest.mark.contract

RETENTION = timedelta(hours=72)
SINKS = tuple(PARTITIONS)


class History(OutboxHistory, Protocol):
    """A history with what the tests do to it from outside."""

    def commit(self, *past: Past) -> list[int]: ...
    def acknowledge(self, sink: str, message_id: int) -> None: ...
    def hold(self, sink: str, stream: str) -> None: ...
    def let_go(self, sink: str, stream: str) -> None: ...
    def remaining(self) -> list[int]: ...


@pytest.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[History]:
    if request.param == "fake":
        yield FakeOutboxHistory()
        return
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'cinema.db'}"
    database = HistoryDatabase(url)
    yield database
    database.close()


def run(history: History) -> RetentionTally:
    return ForgetDeliveredMessages(history=history, retention=RETENTION, budget_seconds=60)()


def test_what_every_sink_has_had_for_long_is_forgotten(history: History) -> None:
    history.commit(Past(), Past(stream="showtime:1"))
    assert run(history) == RetentionTally(forgotten=2, kept=0, is_finished=True)
    assert history.remaining() == []


@pytest.mark.parametrize("sink", SINKS)
def test_what_one_sink_alone_waits_for_is_kept(history: History, sink: str) -> None:
    _, waiting, _ = history.commit(Past(), Past(waiting=[sink]), Past())
    assert run(history) == RetentionTally(forgotten=2, kept=1, is_finished=True)
    assert history.remaining() == [waiting]


def test_what_was_waited_for_is_forgotten_once_it_is_acknowledged(history: History) -> None:
    (waiting,) = history.commit(Past(waiting=["reporting"]))
    run(history)
    history.acknowledge("reporting", waiting)
    run(history)
    assert history.remaining() == []


@pytest.mark.parametrize("sink", SINKS)
def test_everything_of_a_held_stream_is_kept(history: History, sink: str) -> None:
    delivered, held, _ = history.commit(Past(), Past(waiting=[sink]), Past(stream="showtime:1"))
    history.hold(sink, "showtime:0")
    run(history)
    assert history.remaining() == [delivered, held]


def test_a_stream_that_is_held_no_more_is_forgotten(history: History) -> None:
    history.commit(Past())
    history.hold("reporting", "showtime:0")
    run(history)
    history.let_go("reporting", "showtime:0")
    run(history)
    assert history.remaining() == []


def test_what_is_young_is_kept(history: History) -> None:
    _, young = history.commit(Past(hours=72.1), Past(hours=71.9))
    run(history)
    assert history.remaining() == [young]


def test_a_run_stops_at_the_first_message_that_is_young(history: History) -> None:
    _, young, behind = history.commit(Past(), Past(hours=1), Past())
    assert run(history) == RetentionTally(forgotten=1, kept=0, is_finished=True)
    assert history.remaining() == [young, behind]


def test_a_step_looks_at_a_bounded_number_of_messages_and_says_where_the_next_begins(
    history: History,
) -> None:
    until = history.now() - RETENTION
    first, second, third = history.commit(Past(), Past(waiting=["reporting"]), Past())
    step = history.forget(after=0, until=until, most=2)
    assert (step.last, step.forgotten, step.kept, step.is_last) == (second, 1, 1, False)
    assert history.remaining() == [second, third]
    step = history.forget(after=step.last, until=until, most=2)
    assert (step.last, step.forgotten, step.kept, step.is_last) == (third, 1, 0, True)
    assert first < second < third


def test_a_step_that_meets_a_young_message_is_the_last_one(history: History) -> None:
    old, _, _ = history.commit(Past(), Past(hours=1), Past())
    step = history.forget(after=0, until=history.now() - RETENTION, most=2)
    assert (step.last, step.forgotten, step.is_last) == (old, 1, True)


def test_a_second_run_finds_nothing(history: History) -> None:
    history.commit(Past(), Past())
    run(history)
    assert run(history) == RetentionTally(forgotten=0, kept=0, is_finished=True)


def test_an_empty_history_is_finished_at_once(history: History) -> None:
    assert run(history) == RetentionTally(forgotten=0, kept=0, is_finished=True)


STREAMS = ("showtime:0", "showtime:1", "movie:tt1375666")
PASTS = st.builds(
    Past,
    stream=st.sampled_from(STREAMS),
    # The oldest come first mostly, so that a run gets somewhere before it meets a young one.
    hours=st.sampled_from([100, 90, 80, 73, 71]),
    waiting=st.one_of(st.just(()), st.lists(st.sampled_from(SINKS), unique=True)),
)


def should_remain(history: list[Past], *, held: set[tuple[str, str]]) -> list[int]:
    """Which messages a run has to leave, by their places."""
    first_young = next((at for at, past in enumerate(history) if past.hours < 72), len(history))
    streams = {stream for _, stream in held}
    return [
        at for at, past in enumerate(history) if at >= first_young or past.waiting or past.stream in streams
    ]


ANY_HISTORY = given(
    past=st.lists(PASTS, max_size=12),
    held=st.sets(st.tuples(st.sampled_from(SINKS), st.sampled_from(STREAMS)), max_size=2),
    most=st.integers(1, 5),
)


def exactly_the_right_ones_remain(
    history: History, past: list[Past], *, held: set[tuple[str, str]], most: int
) -> None:
    ids = history.commit(*past)
    for sink, stream in held:
        history.hold(sink, stream)
    before, after, until = history.remaining(), 0, history.now() - RETENTION
    while not (step := history.forget(after=after, until=until, most=most)).is_last:
        after = step.last
    assert before == ids
    assert history.remaining() == [ids[at] for at in should_remain(past, held=held)]


@ANY_HISTORY
@settings(max_examples=300)
def test_of_any_history_exactly_the_right_messages_remain(
    past: list[Past], held: set[tuple[str, str]], most: int
) -> None:
    exactly_the_right_ones_remain(FakeOutboxHistory(), past, held=held, most=most)


@ANY_HISTORY
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_any_history_on_sqlite_exactly_the_right_messages_remain(
    tmp_path_factory: pytest.TempPathFactory, past: list[Past], held: set[tuple[str, str]], most: int
) -> None:
    database = HistoryDatabase(f"sqlite:///{tmp_path_factory.mktemp('history') / 'cinema.db'}")
    exactly_the_right_ones_remain(database, past, held=held, most=most)
    database.close()
