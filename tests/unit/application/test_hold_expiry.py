from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from shared.application.command_context import CommandContext
from shared.application.errors import TransientFaultError
from shared.application.reservations.expire_holds import ExpiryTally
from shared.application.timer_runner import MOST_FAILURES_A_RUN
from shared.application.unit_of_work import UnitOfWork
from shared.bootstrap.write_side import WriteStore, build_write_side
from shared.domain.reservations.errors import ReservationExpiredError
from shared.domain.reservations.reservation import ReservationStatus
from shared.domain.showtimes.showtime import Showtime
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import HOLD
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock, FakeIdGenerator
from tests.fakes.write_store import FakeWriteStore

pytestmark = pytest.mark.unit


def expired(store: FakeWriteStore) -> list[str]:
    return [
        message.aggregate_id for _, message in store.messages() if '"reason":"expired"' in message.payload
    ]


def cinema_expiring(store: FakeWriteStore, clock: FakeClock, *, chunk: int, run_size: int = 1_000) -> Cinema:
    settings = house_settings(expiry_chunk_size=chunk, expiry_run_size=run_size, command_attempts=2)
    kept = WriteStore(begin=store.begin, answers=lambda: True)
    return Cinema(build_write_side(settings, store=kept, clock=clock, ids=FakeIdGenerator()))


def test_ended_holds_go_and_live_and_paid_ones_stay(
    cinema: Cinema, store: FakeWriteStore, clock: FakeClock
) -> None:
    showtime_id = cinema.open_showtime()
    ended = cinema.reserve(showtime_id, "A-1", "A-2").state.reservation_id
    paid = cinema.reserve(showtime_id, "A-3").state.reservation_id
    cinema.confirm(paid)
    clock.advance(timedelta(minutes=1))
    live = cinema.reserve(showtime_id, "A-4").state.reservation_id
    clock.advance(HOLD - timedelta(minutes=1))
    assert cinema.side.expire_holds() == ExpiryTally(expired=1)
    states = store.tables.reservations
    assert [states[one].status for one in (ended, paid, live)] == [
        ReservationStatus.CANCELLED,
        ReservationStatus.CONFIRMED,
        ReservationStatus.PENDING,
    ]
    assert expired(store) == [str(ended)]


def test_seats_of_an_ended_hold_are_for_sale_again(cinema: Cinema, clock: FakeClock) -> None:
    showtime_id = cinema.open_showtime()
    cinema.reserve(showtime_id, "A-1")
    clock.advance(HOLD)
    cinema.side.expire_holds()
    assert cinema.reserve(showtime_id, "A-1").created


def test_a_hold_is_over_at_its_end_though_no_timer_ran(cinema: Cinema, clock: FakeClock) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1").state.reservation_id
    clock.advance(HOLD)
    with pytest.raises(ReservationExpiredError):
        cinema.confirm(held)


def test_a_second_run_finds_nothing_to_do(cinema: Cinema, store: FakeWriteStore, clock: FakeClock) -> None:
    cinema.reserve(cinema.open_showtime(), "A-1")
    clock.advance(HOLD)
    cinema.side.expire_holds()
    told = len(store.messages())
    assert cinema.side.expire_holds() == ExpiryTally()
    assert len(store.messages()) == told


@pytest.mark.parametrize("chunk", [1, 2, 3, 50])
def test_more_holds_than_a_chunk_go_in_one_run(store: FakeWriteStore, clock: FakeClock, chunk: int) -> None:
    cinema = cinema_expiring(store, clock, chunk=chunk)
    showtimes = [cinema.open_showtime(), cinema.create_showtime(starts_at=NOON + timedelta(days=1))]
    ids = [one if isinstance(one, UUID) else one.state.showtime_id for one in showtimes]
    for showtime_id in ids:
        for name in ("A-1", "A-2", "B-1"):
            cinema.reserve(showtime_id, name)
    clock.advance(HOLD)
    assert cinema.side.expire_holds() == ExpiryTally(expired=6)
    assert len(set(expired(store))) == 6


def test_a_run_stops_at_its_bound_and_the_next_goes_on(store: FakeWriteStore, clock: FakeClock) -> None:
    cinema = cinema_expiring(store, clock, chunk=2, run_size=3)
    showtime_id = cinema.open_showtime()
    for number in range(1, 6):
        cinema.reserve(showtime_id, f"A-{number}")
    clock.advance(HOLD)
    assert [cinema.side.expire_holds().expired for _ in range(3)] == [3, 2, 0]


@dataclass
class TickingClock(FakeClock):
    """A minute goes by each time that somebody looks."""

    def now(self) -> datetime:
        self.advance(timedelta(minutes=1))
        return self.moment


@dataclass
class StuckShowtimes:
    """A store in which some showtimes can't be found, for a reason that passes or for one that nobody foresaw."""

    store: FakeWriteStore
    faults: Mapping[UUID, Exception]

    @contextmanager
    def begin(self, context: CommandContext) -> Generator[UnitOfWork]:
        with self.store.begin(context) as unit:
            look = unit.showtimes.find_for_booking

            def find(showtime_id: UUID) -> Showtime | None:
                if showtime_id in self.faults:
                    raise self.faults[showtime_id]
                return look(showtime_id)

            unit.showtimes.find_for_booking = find  # pyright: ignore[reportAttributeAccessIssue] the fault
            yield unit


def cinema_with_stuck(
    store: FakeWriteStore, clock: FakeClock, faults: Mapping[UUID, Exception], *, chunk: int
) -> Cinema:
    settings = house_settings(expiry_chunk_size=chunk, command_attempts=1)
    kept = WriteStore(begin=StuckShowtimes(store, faults).begin, answers=lambda: True)
    return Cinema(build_write_side(settings, store=kept, clock=clock, ids=FakeIdGenerator()))


@pytest.mark.parametrize("chunk", [1, 2, 3, 50])
@pytest.mark.parametrize(
    "fault", [TransientFaultError("locked"), ZeroDivisionError()], ids=["busy", "unforeseen"]
)
def test_a_showtime_that_can_not_be_written_leaves_the_others_alone(
    store: FakeWriteStore,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    chunk: int,
) -> None:
    """However many holds the stuck one has, and though they ended first."""
    cinema = cinema_expiring(store, clock, chunk=chunk)
    stuck = cinema.open_showtime()
    other = cinema.create_showtime(starts_at=NOON + timedelta(days=1)).state.showtime_id
    for name in ("A-1", "A-2", "A-3"):
        cinema.reserve(stuck, name)
    clock.advance(timedelta(seconds=1))
    freed = cinema.reserve(other, "A-1").state.reservation_id
    clock.advance(HOLD)
    faulty = cinema_with_stuck(store, clock, {stuck: fault}, chunk=chunk)
    assert faulty.side.expire_holds() == ExpiryTally(expired=1, left=1)
    assert expired(store) == [str(freed)]
    assert f"holds_not_expired_yet showtime={stuck}" in caplog.text
    assert cinema.side.expire_holds() == ExpiryTally(expired=3), "the next run, once it can be written"


def test_a_run_gives_up_when_one_showtime_after_another_fails(
    store: FakeWriteStore, clock: FakeClock
) -> None:
    cinema = cinema_expiring(store, clock, chunk=50)
    showtimes = [cinema.open_showtime()]
    days = range(1, MOST_FAILURES_A_RUN + 2)
    showtimes += [
        cinema.create_showtime(starts_at=NOON + timedelta(days=day)).state.showtime_id for day in days
    ]
    for showtime_id in showtimes:
        cinema.reserve(showtime_id, "A-1")
    clock.advance(HOLD)
    faults = dict.fromkeys(showtimes, TransientFaultError("locked"))
    faulty = cinema_with_stuck(store, clock, faults, chunk=50)
    assert faulty.side.expire_holds() == ExpiryTally(left=MOST_FAILURES_A_RUN)


def test_the_event_says_when_the_hold_was_let_go_and_not_when_the_run_began(
    store: FakeWriteStore, clock: FakeClock
) -> None:
    """So that a long run does not date its events before what has happened in their stream meanwhile."""
    cinema = cinema_expiring(store, clock, chunk=1)
    showtime_id = cinema.open_showtime()
    for name in ("A-1", "A-2"):
        cinema.reserve(showtime_id, name)
    clock.advance(HOLD)
    kept = WriteStore(begin=store.begin, answers=lambda: True)
    settings = house_settings(expiry_chunk_size=1)
    side = build_write_side(settings, store=kept, clock=TickingClock(clock.moment), ids=FakeIdGenerator())
    assert side.expire_holds().expired == 2
    earlier, later = [message.occurred_at for _, message in store.messages()][-2:]
    assert earlier < later
