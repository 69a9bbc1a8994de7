from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from shared.application.command_context import CommandContext
from shared.application.errors import TransientFaultError
from shared.application.reservations.expire_holds import ExpiryTally
from shared.application.unit_of_work import UnitOfWork
from shared.bootstrap.write_side import WriteStore, build_write_side
from shared.domain.reservations.errors import ReservationExpiredError
from shared.domain.reservations.reservation import ReservationStatus
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


def cinema_expiring(store: FakeWriteStore, clock: FakeClock, *, chunk: int) -> Cinema:
    settings = house_settings(expiry_chunk_size=chunk, command_attempts=2)
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


def test_a_showtime_that_can_not_be_written_leaves_the_others_alone(
    store: FakeWriteStore, clock: FakeClock
) -> None:
    cinema = cinema_expiring(store, clock, chunk=50)
    stuck = cinema.open_showtime()
    other = cinema.create_showtime(starts_at=NOON + timedelta(days=1)).state.showtime_id
    for showtime_id in (stuck, other):
        cinema.reserve(showtime_id, "A-1")
    clock.advance(HOLD)

    @contextmanager
    def begin(context: CommandContext) -> Generator[UnitOfWork]:
        with store.begin(context) as unit:
            look = unit.showtimes.find_for_booking

            def find(showtime_id: UUID) -> object:
                if showtime_id == stuck:
                    raise TransientFaultError("locked")
                return look(showtime_id)

            unit.showtimes.find_for_booking = find  # pyright: ignore[reportAttributeAccessIssue] the fault
            yield unit

    faulty = WriteStore(begin=begin, answers=lambda: True)
    settings = house_settings(command_attempts=2)
    side = build_write_side(settings, store=faulty, clock=clock, ids=FakeIdGenerator())
    assert side.expire_holds() == ExpiryTally(expired=1, left=1)
    assert len(expired(store)) == 1
    assert cinema.side.expire_holds() == ExpiryTally(expired=1)
