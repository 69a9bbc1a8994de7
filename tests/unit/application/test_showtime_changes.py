import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.application.command_context import CommandContext, VersionCondition
from shared.application.errors import NotFoundError, TransientFaultError, VersionMismatchError
from shared.application.showtimes.clear_cancelled_showtimes import ClearingTally
from shared.application.timer_runner import MOST_FAILURES_A_RUN
from shared.application.unit_of_work import UnitOfWork
from shared.bootstrap.write_side import WriteStore, build_write_side
from shared.domain.reservations.errors import ReservationIsCancelledError
from shared.domain.reservations.reservation import ReservationStatus
from shared.domain.showtimes.errors import (
    ShowtimeCancelledError,
    ShowtimeOverlapError,
    ShowtimeStartedError,
)
from tests.builders.cinema import IN_TWO_HOURS, Cinema, house_settings
from tests.builders.reservations import HOLD
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock, FakeIdGenerator
from tests.fakes.write_store import FakeWriteStore

pytestmark = pytest.mark.unit

HOUR = timedelta(hours=1)
VERSION_1 = VersionCondition(frozenset({1}))
VERSION_2 = VersionCondition(frozenset({2}))


def told(store: FakeWriteStore, *, after: int) -> list[str]:
    return [message.type.removeprefix("cinema.") for _, message in store.messages()[after:]]


def last_data(store: FakeWriteStore) -> dict[str, Any]:
    return json.loads(store.messages()[-1][1].payload)["data"]


def cinema_clearing(store: FakeWriteStore, clock: FakeClock, *, chunk: int) -> Cinema:
    settings = house_settings(cancellation_chunk_size=chunk, command_attempts=2)
    kept = WriteStore(begin=store.begin, answers=lambda: True)
    return Cinema(build_write_side(settings, store=kept, clock=clock, ids=FakeIdGenerator()))


def statuses(store: FakeWriteStore, showtime_id: UUID) -> list[ReservationStatus]:
    states = store.tables.reservations.values()
    return [state.status for state in states if state.showtime_id == showtime_id]


def test_a_showtime_is_moved_and_told_with_its_movie_and_auditorium(
    cinema: Cinema, store: FakeWriteStore
) -> None:
    showtime_id = cinema.open_showtime()
    moved = cinema.reschedule_showtime(showtime_id, starts_at=NOON + 5 * HOUR)
    assert (moved.created, moved.sequence, moved.state.version) == (False, 2, 2)
    assert told(store, after=3) == ["showtime.rescheduled.v1"]
    data = last_data(store)
    assert (data["screeningTime"], data["endsAt"]) == ("2026-12-01T17:00:00Z", "2026-12-01T19:43:00Z")
    assert (data["movie"]["title"], data["auditorium"]["name"]) == ("Inception", "Odeon")


def test_moving_a_showtime_to_its_own_time_changes_nothing(cinema: Cinema, store: FakeWriteStore) -> None:
    showtime_id = cinema.open_showtime()
    same = cinema.reschedule_showtime(showtime_id, starts_at=IN_TWO_HOURS)
    assert (same.sequence, same.state.version) == (1, 1)
    assert told(store, after=3) == []


def test_a_moved_showtime_takes_as_long_as_its_movie_does_now(cinema: Cinema) -> None:
    showtime_id = cinema.open_showtime()
    cinema.register_movie(minutes=60)
    moved = cinema.reschedule_showtime(showtime_id, starts_at=NOON + 5 * HOUR)
    assert moved.state.screening.runtime == HOUR


@pytest.mark.parametrize("hours", [5.5, 6, 8])
def test_a_showtime_can_not_be_moved_onto_a_neighbour(cinema: Cinema, hours: float) -> None:
    showtime_id = cinema.open_showtime()
    other = cinema.create_showtime(starts_at=NOON + 8 * HOUR).state.showtime_id
    with pytest.raises(ShowtimeOverlapError) as error:
        cinema.reschedule_showtime(showtime_id, starts_at=NOON + hours * HOUR)
    assert error.value.showtime_id == other


def test_a_showtime_fits_between_its_neighbours_and_does_not_stand_in_its_own_way(cinema: Cinema) -> None:
    showtime_id = cinema.open_showtime()
    cinema.create_showtime(starts_at=NOON + 5 * HOUR)
    assert cinema.reschedule_showtime(showtime_id, starts_at=NOON + 1 * HOUR).state.version == 2
    with pytest.raises(ShowtimeOverlapError):
        cinema.reschedule_showtime(showtime_id, starts_at=NOON + 2.5 * HOUR)
    assert cinema.reschedule_showtime(showtime_id, starts_at=NOON + 8 * HOUR).state.version == 3


def test_the_time_of_a_cancelled_showtime_is_free_again(cinema: Cinema) -> None:
    cinema.cancel_showtime(cinema.open_showtime())
    assert cinema.create_showtime().created


def test_a_showtime_is_cancelled_once_and_told_with_a_note(cinema: Cinema, store: FakeWriteStore) -> None:
    showtime_id = cinema.open_showtime()
    first, again = (cinema.cancel_showtime(showtime_id, note="no power") for _ in range(2))
    assert (first.sequence, first.state.version) == (2, 2)
    assert (again.sequence, again.state) == (2, first.state)
    assert told(store, after=3) == ["showtime.cancelled.v1"]
    assert (last_data(store)["status"], last_data(store)["note"]) == ("Cancelled", "no power")


def test_nothing_can_be_cancelled_or_moved_once_the_film_runs(cinema: Cinema, clock: FakeClock) -> None:
    showtime_id = cinema.open_showtime()
    clock.advance(2 * HOUR)
    with pytest.raises(ShowtimeStartedError):
        cinema.cancel_showtime(showtime_id)
    with pytest.raises(ShowtimeStartedError):
        cinema.reschedule_showtime(showtime_id, starts_at=NOON + 9 * HOUR)


def test_what_does_not_exist_can_not_be_changed(cinema: Cinema) -> None:
    with pytest.raises(NotFoundError) as error:
        cinema.cancel_showtime(uuid4())
    assert error.value.resource == "showtime"
    with pytest.raises(NotFoundError) as error:
        cinema.reschedule_showtime(uuid4(), starts_at=NOON)
    assert error.value.resource == "showtime"


def test_a_change_may_depend_on_the_version_that_was_seen(cinema: Cinema) -> None:
    showtime_id = cinema.open_showtime()
    with pytest.raises(VersionMismatchError):
        cinema.reschedule_showtime(showtime_id, starts_at=NOON + 5 * HOUR, condition=VERSION_2)
    cinema.reschedule_showtime(showtime_id, starts_at=NOON + 5 * HOUR, condition=VERSION_1)
    with pytest.raises(VersionMismatchError) as error:
        cinema.cancel_showtime(showtime_id, condition=VERSION_1)
    assert error.value.actual == 2
    assert cinema.cancel_showtime(showtime_id, condition=VERSION_2).state.version == 3


def test_a_cancelled_showtime_sells_nothing_more_and_cannot_be_moved(cinema: Cinema) -> None:
    showtime_id = cinema.open_showtime()
    held = cinema.reserve(showtime_id, "A-1").state.reservation_id
    cinema.cancel_showtime(showtime_id)
    with pytest.raises(ShowtimeCancelledError):
        cinema.reserve(showtime_id, "A-2")
    with pytest.raises(ShowtimeCancelledError):
        cinema.confirm(held)
    with pytest.raises(ShowtimeCancelledError):
        cinema.reschedule_showtime(showtime_id, starts_at=NOON + 5 * HOUR)


@pytest.mark.parametrize("chunk", [1, 2, 3, 9])
def test_the_reservations_of_a_cancelled_showtime_are_cancelled_chunk_by_chunk(
    store: FakeWriteStore, clock: FakeClock, chunk: int
) -> None:
    cinema = cinema_clearing(store, clock, chunk=chunk)
    showtime_id = cinema.open_showtime()
    for number in range(1, 4):
        cinema.confirm(cinema.reserve(showtime_id, f"A-{number}").state.reservation_id)
    cinema.cancel_showtime(showtime_id)
    assert statuses(store, showtime_id) == [ReservationStatus.CONFIRMED] * 3, "not in that transaction"
    before = len(store.messages())
    assert cinema.side.clear_cancelled_showtimes() == ClearingTally(reservations=3, cleared=1)
    assert statuses(store, showtime_id) == [ReservationStatus.CANCELLED] * 3
    assert told(store, after=before) == ["reservation.cancelled.v1"] * 3
    assert (last_data(store)["reason"], last_data(store)["previousStatus"]) == (
        "showtime_cancelled",
        "Confirmed",
    )
    assert store.tables.claims == {}
    assert cinema.side.clear_cancelled_showtimes() == ClearingTally(), "there is nothing left to do"


def test_other_showtimes_keep_their_reservations(cinema: Cinema, store: FakeWriteStore) -> None:
    cancelled = cinema.open_showtime()
    other = cinema.create_showtime(starts_at=NOON + 9 * HOUR).state.showtime_id
    cinema.reserve(other, "A-1")
    cinema.cancel_showtime(cancelled)
    assert cinema.side.clear_cancelled_showtimes() == ClearingTally(cleared=1)
    assert statuses(store, other) == [ReservationStatus.PENDING]


class KilledError(BaseException):
    """The process is gone."""


class UnluckyStore(FakeWriteStore):
    """Its next units of work begin, or fail to, as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.fates: list[BaseException | None] = []

    @contextmanager
    def begin(self, context: CommandContext) -> Generator[UnitOfWork]:
        fate = self.fates.pop(0) if self.fates else None
        if fate is not None:
            raise fate
        with super().begin(context) as unit:
            yield unit


def test_a_run_that_is_killed_leaves_whole_chunks_and_the_next_one_goes_on(clock: FakeClock) -> None:
    store = UnluckyStore()
    cinema = cinema_clearing(store, clock, chunk=1)
    showtime_id = cinema.open_showtime()
    for number in range(1, 4):
        cinema.reserve(showtime_id, f"A-{number}")
    cinema.cancel_showtime(showtime_id)
    store.fates = [None, None, None, KilledError()]
    with pytest.raises(KilledError):
        cinema.side.clear_cancelled_showtimes()
    assert statuses(store, showtime_id).count(ReservationStatus.CANCELLED) == 2
    assert cinema.side.clear_cancelled_showtimes() == ClearingTally(reservations=1, cleared=1)


@pytest.mark.parametrize(
    "faults",
    [[TransientFaultError("locked for too long")] * 2, [ZeroDivisionError()]],
    ids=["busy", "unforeseen"],
)
def test_a_showtime_that_can_not_be_cleared_now_does_not_keep_the_others_waiting(
    clock: FakeClock, caplog: pytest.LogCaptureFixture, faults: list[Exception]
) -> None:
    store = UnluckyStore()
    cinema = cinema_clearing(store, clock, chunk=9)
    one = cinema.open_showtime()
    two = cinema.create_showtime(starts_at=NOON + 9 * HOUR).state.showtime_id
    for showtime_id in (one, two):
        cinema.reserve(showtime_id, "A-1")
        cinema.cancel_showtime(showtime_id)
    store.fates = [None, *faults]
    assert cinema.side.clear_cancelled_showtimes() == ClearingTally(reservations=1, cleared=1, left=1)
    assert statuses(store, one) == [ReservationStatus.PENDING]
    assert f"showtime_not_cleared_yet showtime={one}" in caplog.text
    assert cinema.side.clear_cancelled_showtimes() == ClearingTally(reservations=1, cleared=1)


def test_a_run_gives_up_when_one_showtime_after_another_can_not_be_cleared(clock: FakeClock) -> None:
    store = UnluckyStore()
    cinema = cinema_clearing(store, clock, chunk=9)
    showtimes = [cinema.open_showtime()]
    days = range(1, MOST_FAILURES_A_RUN + 2)
    showtimes += [cinema.create_showtime(starts_at=NOON + day * 24 * HOUR).state.showtime_id for day in days]
    for showtime_id in showtimes:
        cinema.cancel_showtime(showtime_id)
    store.fates = [None, *[ZeroDivisionError()] * len(showtimes)]
    assert cinema.side.clear_cancelled_showtimes() == ClearingTally(left=MOST_FAILURES_A_RUN)


def test_customers_are_answered_alike_before_and_after_their_seats_were_let_go(
    cinema: Cinema, clock: FakeClock
) -> None:
    showtime_id = cinema.open_showtime()
    held, own, ended = (
        cinema.reserve(showtime_id, f"A-{number}").state.reservation_id for number in (1, 2, 3)
    )
    cinema.cancel_showtime(showtime_id)
    assert cinema.cancel(own).state.version == 2
    with pytest.raises(ShowtimeCancelledError):
        cinema.confirm(held)
    cinema.side.clear_cancelled_showtimes()
    with pytest.raises(ShowtimeCancelledError):
        cinema.confirm(held)
    with pytest.raises(ReservationIsCancelledError):
        cinema.confirm(own)
    clock.advance(HOLD)
    assert cinema.cancel(ended).state.version == 2
