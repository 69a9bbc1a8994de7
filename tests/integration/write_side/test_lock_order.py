"""Two transactions on PostgreSQL that meet at the worst moment, which the database and not the clock arranges."""

import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, Select, Table, update
from sqlalchemy.orm import Session

from shared.application.errors import UnavailableError
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.aggregate import Aggregate
from shared.domain.catalogue.seat import Seat
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.reservations.reservation import Reservation
from shared.infrastructure.sql import reservation_repository
from shared.infrastructure.sql import seat_claims as claims_module
from shared.infrastructure.sql.reservation_repository import SqlReservationRepository
from shared.infrastructure.sql.write_tables import reservations
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import HOLD
from tests.fakes.clock import FakeClock
from tests.integration.write_side.test_history import reservations_kept
from tests.integration.write_side.test_races import at_once, refusals
from tests.servers.write_database import WriteDatabase

pytestmark = [pytest.mark.integration, pytest.mark.full]

# A claim's second row waits until the other booking has got as far, or waits for a lock and so never will.
MEET_BETWEEN_TWO_SEATS = """
CREATE SEQUENCE arrivals;
CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('test.has_a_seat', true), '') = '' THEN
        PERFORM set_config('test.has_a_seat', 'yes', true);
        RETURN NEW;
    END IF;
    PERFORM nextval('arrivals');
    FOR looks IN 1..6000 LOOP
        IF (SELECT last_value FROM arrivals) >= 2 OR EXISTS (SELECT FROM pg_locks WHERE NOT granted) THEN
            RETURN NEW;
        END IF;
        PERFORM pg_sleep(0.005);
    END LOOP;
    RAISE EXCEPTION 'the other booking never came';
END $$;
CREATE TRIGGER meet BEFORE INSERT ON "SeatClaims" FOR EACH ROW EXECUTE FUNCTION meet()
"""


def impatient_cinema(database: WriteDatabase, clock: FakeClock) -> Cinema:
    """A cinema where a command is tried once, so that nothing is mended by trying again."""
    store = sql_write_store(database.engine)
    return Cinema(build_write_side(house_settings(command_attempts=1), store=store, clock=clock))


def book_two_seats_in_crossed_order(database: WriteDatabase, clock: FakeClock) -> list[object]:
    cinema = impatient_cinema(database, clock)
    showtime_id = cinema.open_showtime()
    database.execute(MEET_BETWEEN_TWO_SEATS)
    return at_once(
        lambda: cinema.reserve(showtime_id, "A-5", "A-6"), lambda: cinema.reserve(showtime_id, "A-6", "A-5")
    )


def test_bookings_in_crossed_order_that_meet_between_two_seats_do_not_deadlock(
    postgres_database: WriteDatabase, clock: FakeClock
) -> None:
    answers = book_two_seats_in_crossed_order(postgres_database, clock)
    assert refusals(answers) == {SeatsAlreadyTakenError: 1}
    assert postgres_database.count(reservations) == 1


def test_without_the_order_of_claims_bookings_that_meet_between_two_seats_deadlock(
    postgres_database: WriteDatabase, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: every other booking claims its last seat first."""
    bookings, one_at_a_time = Counter[str](), threading.Lock()

    def now_up_now_down(seats: Iterable[Seat]) -> list[Seat]:
        with one_at_a_time:
            bookings["all"] += 1
            return sorted(seats, reverse=bookings["all"] % 2 == 0)

    monkeypatch.setattr(claims_module, "sorted", now_up_now_down, raising=False)
    answers = book_two_seats_in_crossed_order(postgres_database, clock)
    assert refusals(answers) == {UnavailableError: 1}


class PausedBooking:
    """A booking over an ended hold that stops when it has read the hold, until it is told to go on."""

    def __init__(self, cinema: Cinema, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.showtime_id = cinema.open_showtime()
        self.held = cinema.reserve(self.showtime_id, "A-1").state.reservation_id
        clock.advance(HOLD)
        self.has_read, self.may_go_on = threading.Event(), threading.Event()
        self._find = SqlReservationRepository.find_for_update
        monkeypatch.setattr(SqlReservationRepository, "find_for_update", self._find_and_pause())

    def _find_and_pause(self) -> Any:
        first = threading.Lock()

        def find(repository: SqlReservationRepository, reservation_id: UUID) -> Reservation | None:
            found = self._find(repository, reservation_id)
            if first.acquire(blocking=False):
                self.has_read.set()
                assert self.may_go_on.wait(timeout=30)
            return found

        return find


def ends_told(database: WriteDatabase, reservation_id: UUID) -> list[int]:
    """The versions at which a reservation was told to be cancelled."""
    return [
        message.version
        for _, message in database.messages()
        if message.aggregate_id == str(reservation_id) and message.type.endswith("cancelled.v1")
    ]


def test_a_booking_over_an_ended_hold_keeps_its_cancellation_waiting_and_the_hold_ends_once(
    postgres_database: WriteDatabase, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cinema = impatient_cinema(postgres_database, clock)
    paused = PausedBooking(cinema, clock, monkeypatch)
    hasty = WriteDatabase(postgres_database.url, lock_wait_seconds=0.2)
    with ThreadPoolExecutor(1) as pool:
        booking = pool.submit(cinema.reserve, paused.showtime_id, "A-1")
        assert paused.has_read.wait(timeout=30)
        with pytest.raises(UnavailableError):
            impatient_cinema(hasty, clock).cancel(paused.held)
        paused.may_go_on.set()
        booked = booking.result(timeout=30).state.reservation_id
    hasty.close()
    cinema.cancel(paused.held)
    assert ends_told(postgres_database, paused.held) == [2]
    kept = reservations_kept(postgres_database)
    assert (kept[str(paused.held)]["reason"], kept[str(booked)]["status"]) == ("expired", "Pending")
    assert postgres_database.seats_sold_twice() == []


@pytest.mark.parametrize(("version_is_checked", "ends"), [(True, [2]), (False, [2, 2])])
def test_without_the_reservations_lock_only_its_version_keeps_an_ended_hold_from_ending_twice(
    postgres_database: WriteDatabase,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    version_is_checked: bool,
    ends: list[int],
) -> None:
    """The negative control: without the lock the booking is refused for now, and without the version it tells a lie."""
    cinema = impatient_cinema(postgres_database, clock)
    paused = PausedBooking(cinema, clock, monkeypatch)
    monkeypatch.setattr(reservation_repository, "locked", no_lock)
    if not version_is_checked:
        monkeypatch.setattr(reservation_repository, "update_if_unchanged", update_anyhow)
    with ThreadPoolExecutor(1) as pool:
        booking = pool.submit(at_once, lambda: cinema.reserve(paused.showtime_id, "A-1"))
        assert paused.has_read.wait(timeout=30)
        cinema.cancel(paused.held)
        paused.may_go_on.set()
        answers = booking.result(timeout=30)
    assert refusals(answers) == ({UnavailableError: 1} if version_is_checked else {})
    assert ends_told(postgres_database, paused.held) == ends


def no_lock(query: Select[Any], _table: Table) -> Select[Any]:
    return query


def update_anyhow(
    session: Session, *, table: Table, key: ColumnElement[bool], aggregate: Aggregate[Any], values: Any
) -> None:
    session.execute(update(table).where(key).values(**values, Version=aggregate.state.version))
