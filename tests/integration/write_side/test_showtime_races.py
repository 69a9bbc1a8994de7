"""A showtime is cancelled or moved while others book it. Each guard is taken away once, to see it noticed."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Self
from uuid import UUID

import pytest
from sqlalchemy import Row, Select, Table, select

from shared.application.errors import UnavailableError
from shared.application.repositories import SeatHolder
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.catalogue.errors import LayoutInUseError
from shared.domain.catalogue.seat import Seat
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.showtimes.errors import ShowtimeCancelledError, ShowtimeOverlapError
from shared.infrastructure.sql import showtime_repository
from shared.infrastructure.sql.reservation_repository import SqlReservationRepository
from shared.infrastructure.sql.write_tables import reservations, seat_claims, showtimes, showtimes_to_clear
from tests.builders.cinema import Cinema, house_settings
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.integration.write_side.test_history import reservations_kept, reservations_told
from tests.integration.write_side.test_races import at_once, refusals
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

ONE_ROW = [f"A-{number}" for number in range(1, 11)]
THE_NEXT_DAYS = [NOON + timedelta(days=days) for days in range(1, 5)]


def cinema_clearing(database: WriteDatabase, clock: FakeClock, *, chunk: int, attempts: int = 20) -> Cinema:
    settings = house_settings(
        database.url, lock_wait_seconds=20.0, command_attempts=attempts, cancellation_chunk_size=chunk
    )
    return Cinema(build_write_side(settings, store=sql_write_store(database.engine), clock=clock))


def live_on_cancelled_showtimes(database: WriteDatabase) -> Sequence[Row[Any]]:
    return database.rows(
        select(reservations.c.ReservationId)
        .join(showtimes, showtimes.c.ShowtimeId == reservations.c.ShowtimeId)
        .where(showtimes.c.Status == "Cancelled", reservations.c.Status != "Cancelled")
    )


def test_a_booking_and_the_cancellation_of_its_showtime_never_both_win(
    database: WriteDatabase, clock: FakeClock
) -> None:
    cinema = cinema_clearing(database, clock, chunk=3)
    programme = [cinema.open_showtime()]
    programme += [cinema.create_showtime(starts_at=day).state.showtime_id for day in THE_NEXT_DAYS]
    refused = 0
    for showtime_id in programme:
        bookings = [lambda name=name, of=showtime_id: cinema.reserve(of, name) for name in ONE_ROW]
        cancellation = partial(cinema.cancel_showtime, showtime_id)
        answers = at_once(cancellation, cinema.side.clear_cancelled_showtimes, *bookings)
        assert set(refusals(answers)) <= {ShowtimeCancelledError}, "nobody is told that the system is busy"
        refused += refusals(answers).total()
    cinema.side.clear_cancelled_showtimes()
    assert live_on_cancelled_showtimes(database) == []
    assert [database.count(table) for table in (seat_claims, showtimes_to_clear)] == [0, 0]
    assert database.count(reservations) == len(programme) * len(ONE_ROW) - refused
    told = reservations_told(database)
    assert told == reservations_kept(database)
    assert {state["reason"] for state in told.values()} <= {"showtime_cancelled"}


def test_timers_that_run_at_once_cancel_each_reservation_once(
    database: WriteDatabase, clock: FakeClock
) -> None:
    cinema = cinema_clearing(database, clock, chunk=2)
    showtime_id = cinema.open_showtime()
    for name in ONE_ROW:
        cinema.reserve(showtime_id, name)
    cinema.cancel_showtime(showtime_id)
    at_once(*[cinema.side.clear_cancelled_showtimes] * 4)
    told = [
        message for _, message in database.messages() if message.type.endswith("reservation.cancelled.v1")
    ]
    assert len(told) == len({message.aggregate_id for message in told}) == len(ONE_ROW)
    assert live_on_cancelled_showtimes(database) == []
    sequences = [sequence for sequence, message in database.messages() if message.stream_id.startswith("sho")]
    assert sequences == list(range(1, 2 * len(ONE_ROW) + 3))


def test_customers_and_the_timer_who_cancel_at_once_make_one_event_each(
    database: WriteDatabase, clock: FakeClock
) -> None:
    cinema = cinema_clearing(database, clock, chunk=3)
    showtime_id = cinema.open_showtime()
    held = [cinema.reserve(showtime_id, name).state.reservation_id for name in ONE_ROW]
    cinema.cancel_showtime(showtime_id)
    answers = at_once(
        cinema.side.clear_cancelled_showtimes, *[lambda one=one: cinema.cancel(one) for one in held]
    )
    assert refusals(answers) == {}
    assert {(row.Status, row.Version) for row in database.rows(select(reservations))} == {("Cancelled", 2)}


def test_of_two_showtimes_that_are_moved_to_one_time_exactly_one_gets_there(
    database: WriteDatabase, clock: FakeClock
) -> None:
    cinema = Cinema(side_on(database, clock))
    one = cinema.open_showtime()
    two = cinema.create_showtime(starts_at=NOON + timedelta(hours=6)).state.showtime_id
    goal = NOON + timedelta(days=1)
    answers = at_once(
        *[lambda each=each: cinema.reschedule_showtime(each, starts_at=goal) for each in (one, two)]
    )
    assert refusals(answers) == {ShowtimeOverlapError: 1}


def test_commands_of_every_kind_on_one_showtime_do_not_wait_for_each_other_in_a_circle(
    database: WriteDatabase, clock: FakeClock
) -> None:
    cinema = cinema_clearing(database, clock, chunk=2)
    showtime_id = cinema.open_showtime()
    held = [cinema.reserve(showtime_id, f"B-{number}").state.reservation_id for number in range(1, 4)]
    later = [NOON + timedelta(hours=hours) for hours in (5, 9)]
    answers = at_once(
        *[lambda name=name: cinema.reserve(showtime_id, name, "A-1") for name in ("A-2", "A-2")],
        *[lambda at=at: cinema.reschedule_showtime(showtime_id, starts_at=at) for at in later],
        lambda: cinema.register_auditorium(A=10, B=2),
        lambda: cinema.confirm(held[0]),
        lambda: cinema.cancel(held[1]),
        lambda: cinema.cancel_showtime(showtime_id),
        cinema.side.clear_cancelled_showtimes,
    )
    assert set(refusals(answers)) <= {ShowtimeCancelledError, SeatsAlreadyTakenError, LayoutInUseError}
    cinema.side.clear_cancelled_showtimes()
    assert live_on_cancelled_showtimes(database) == []


@dataclass(frozen=True)
class SlowBooking:
    """A booking that stops when it has read its showtime, until it is told to go on."""

    has_read: threading.Event
    may_go_on: threading.Event

    @classmethod
    def prepared(cls, monkeypatch: pytest.MonkeyPatch) -> Self:
        booking = cls(threading.Event(), threading.Event())
        look = SqlReservationRepository.holders_of

        def look_late(
            repository: SqlReservationRepository, showtime_id: UUID, *, seats: Iterable[Seat]
        ) -> Sequence[SeatHolder]:
            booking.has_read.set()
            assert booking.may_go_on.wait(timeout=30)
            return look(repository, showtime_id, seats=seats)

        monkeypatch.setattr(SqlReservationRepository, "holders_of", look_late)
        return booking


@pytest.mark.full
def test_a_cancellation_waits_for_a_booking_that_has_read_the_showtime(
    postgres_database: WriteDatabase, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cinema = cinema_clearing(postgres_database, clock, chunk=3)
    showtime_id = cinema.open_showtime()
    impatient = WriteDatabase(postgres_database.url, lock_wait_seconds=0.2)
    slow = SlowBooking.prepared(monkeypatch)
    with ThreadPoolExecutor(1) as pool:
        booking = pool.submit(cinema.reserve, showtime_id, "A-1")
        assert slow.has_read.wait(timeout=30)
        with pytest.raises(UnavailableError):
            cinema_clearing(impatient, clock, chunk=3, attempts=1).cancel_showtime(showtime_id)
        slow.may_go_on.set()
        booking.result(timeout=30)
    impatient.close()
    cinema.cancel_showtime(showtime_id)
    cinema.side.clear_cancelled_showtimes()
    assert live_on_cancelled_showtimes(postgres_database) == []


@pytest.mark.full
def test_without_the_showtimes_lock_a_booking_outlives_the_showtime(
    postgres_database: WriteDatabase, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control. SQLite has one writer at a time, so only a server with row locks can show it."""

    def no_lock(query: Select[Any], _table: Table) -> Select[Any]:
        return query

    cinema = cinema_clearing(postgres_database, clock, chunk=3)
    showtime_id = cinema.open_showtime()
    slow = SlowBooking.prepared(monkeypatch)
    monkeypatch.setattr(showtime_repository, "locked_shared", no_lock)
    with ThreadPoolExecutor(1) as pool:
        booking = pool.submit(cinema.reserve, showtime_id, "A-1")
        assert slow.has_read.wait(timeout=30)
        cinema.cancel_showtime(showtime_id)
        cinema.side.clear_cancelled_showtimes()
        slow.may_go_on.set()
        booking.result(timeout=30)
    assert len(live_on_cancelled_showtimes(postgres_database)) == 1
