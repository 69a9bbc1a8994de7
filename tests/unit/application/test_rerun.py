"""A command that clashes is run again; one that keeps failing is given up with a word to try later."""

import pytest

from shared.application.errors import ConcurrentWriteError, TransientFaultError, UnavailableError
from shared.application.rerun import CommandRunner
from shared.bootstrap.write_side import WriteStore, build_write_side
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock, FakeIdGenerator
from tests.fakes.write_store import FakeWriteStore

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("fault", [ConcurrentWriteError("clash"), TransientFaultError("deadlock")])
def test_a_clash_is_never_seen_by_the_caller(cinema: Cinema, store: FakeWriteStore, fault: Exception) -> None:
    store.failing_with = [fault, fault]
    assert cinema.register_movie().created
    assert len(store.begun) == 3
    assert len(store.messages()) == 1


def test_every_attempt_makes_the_same_ids(cinema: Cinema, store: FakeWriteStore) -> None:
    showtime_id = cinema.open_showtime()
    store.begun.clear()
    store.failing_with = [TransientFaultError("the answer was lost")]
    cinema.reserve(showtime_id, "A-1")
    assert len({context.command_id for context in store.begun}) == 1


def test_a_fault_that_stays_is_told_as_unavailable(store: FakeWriteStore) -> None:
    settings = house_settings(command_attempts=3)
    side = build_write_side(
        settings,
        store=WriteStore(begin=store.begin, answers=lambda: True),
        clock=FakeClock(),
        ids=FakeIdGenerator(),
    )
    store.failing_with = [TransientFaultError("down")] * 10
    with pytest.raises(UnavailableError) as error:
        Cinema(side).register_movie()
    assert error.value.retry_after_seconds == 1
    assert len(store.begun) == 3
    assert isinstance(error.value.__cause__, TransientFaultError)


def test_no_attempt_begins_when_patience_is_over(cinema: Cinema, store: FakeWriteStore) -> None:
    runner = CommandRunner(store.begin, attempts=10, patience_seconds=0, sleep=lambda _: None)
    store.failing_with = [TransientFaultError("a lock was held too long")] * 10
    with pytest.raises(UnavailableError):
        runner.run(cinema.context(), work=lambda unit: unit.commit())
    assert len(store.begun) == 1


def test_what_nobody_foresaw_is_not_tried_again(cinema: Cinema, store: FakeWriteStore) -> None:
    store.failing_with = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        cinema.register_movie()
    assert len(store.begun) == 1
