"""Two at once. Each guard is taken away once, to see that the test would notice."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, MetaData, Select, Table, select

from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.errors import CinemaError
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.showtimes.errors import ShowtimeOverlapError
from shared.domain.showtimes.showtime import Showtime
from shared.infrastructure.sql import auditorium_repository
from shared.infrastructure.sql.reservation_repository import SqlReservationRepository
from shared.infrastructure.sql.showtime_repository import SqlShowtimeRepository
from shared.infrastructure.sql.write_tables import reservations, seat_claims, showtimes
from tests.builders.catalogue import seats
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import HOLD, a_customer
from tests.fakes.clock import FakeClock
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration


def at_once(*commands: Callable[[], object]) -> list[object]:
    """Run commands in threads that start together; answer what each returned, or what it was refused with."""
    together = threading.Barrier(len(commands))

    def run(command: Callable[[], object]) -> object:
        together.wait(timeout=30)
        try:
            return command()
        except CinemaError as refusal:
            return refusal

    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(run, commands))


def refusals(answers: list[object]) -> Counter[type[object]]:
    return Counter(type(answer) for answer in answers if isinstance(answer, CinemaError))


def blind_to_holders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every seat looks free to the early check, as it does to two buyers who look at the same moment."""

    def see_nobody(_self: object, _showtime_id: UUID, *, seats: object) -> list[object]:
        del seats
        return []

    monkeypatch.setattr(SqlReservationRepository, "holders_of", see_nobody)


def take_the_primary_key_of_the_claims_away(database: WriteDatabase) -> None:
    seat_claims.drop(database.engine)
    columns = [Column(column.name, column.type) for column in seat_claims.columns]
    Table(seat_claims.name, MetaData(), *columns).create(database.engine)


def buy_one_seat_twice(cinema: Cinema) -> list[object]:
    showtime_id = cinema.open_showtime()
    return at_once(*[lambda: cinema.reserve(showtime_id, "A-1")] * 2)


def test_of_two_buyers_of_one_seat_exactly_one_gets_it(cinema: Cinema, database: WriteDatabase) -> None:
    answers = buy_one_seat_twice(cinema)
    (refusal,) = [answer for answer in answers if isinstance(answer, SeatsAlreadyTakenError)]
    assert refusal.seats == seats("A-1")
    assert database.count(reservations) == 1


def test_the_claims_keep_a_seat_from_being_sold_twice_even_if_nobody_looks_first(
    cinema: Cinema, database: WriteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind_to_holders(monkeypatch)
    assert refusals(buy_one_seat_twice(cinema)) == {SeatsAlreadyTakenError: 1}
    assert database.seats_sold_twice() == []


def test_without_the_claims_key_a_seat_is_sold_twice(
    cinema: Cinema, database: WriteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above: take the guard away, and its assertion fails."""
    blind_to_holders(monkeypatch)
    take_the_primary_key_of_the_claims_away(database)
    assert refusals(buy_one_seat_twice(cinema)) == {}
    assert len(database.seats_sold_twice()) == 1


def test_a_crowd_that_wants_overlapping_seats_gets_each_seat_once(
    cinema: Cinema, database: WriteDatabase
) -> None:
    showtime_id = cinema.open_showtime()
    pairs = [(f"A-{number}", f"A-{number + 1}") for number in range(1, 10)] * 2
    pairs = [pair if place % 2 else pair[::-1] for place, pair in enumerate(pairs)]
    answers = at_once(*[lambda pair=pair: cinema.reserve(showtime_id, *pair) for pair in pairs])
    assert set(refusals(answers)) == {SeatsAlreadyTakenError}
    assert database.seats_sold_twice() == []
    sold = len(answers) - refusals(answers).total()
    assert database.count(seat_claims) == 2 * sold
    sequences = [sequence for sequence, message in database.messages() if message.stream_id.startswith("sho")]
    assert sequences == list(range(1, sold + 2)), "commit order, without gaps"


def test_a_customer_who_books_twice_at_once_does_not_get_more_than_allowed(
    cinema: Cinema, database: WriteDatabase
) -> None:
    showtime_id, customer = cinema.open_showtime(), a_customer()
    answers = at_once(
        *[
            lambda number=number: cinema.reserve(showtime_id, f"A-{number}", customer=customer)
            for number in range(1, 7)
        ]
    )
    assert refusals(answers).total() == 4
    assert database.count(reservations) == 2


def test_two_buyers_who_meet_one_ended_hold_expire_it_once(
    cinema: Cinema, database: WriteDatabase, clock: FakeClock
) -> None:
    showtime_id = cinema.open_showtime()
    cinema.reserve(showtime_id, "A-1", "A-2")
    clock.advance(HOLD)
    answers = at_once(
        lambda: cinema.reserve(showtime_id, "A-1", "A-2"), lambda: cinema.reserve(showtime_id, "A-2", "A-1")
    )
    assert refusals(answers) == {SeatsAlreadyTakenError: 1}
    expired = [message for _, message in database.messages() if message.type.endswith("cancelled.v1")]
    assert len(expired) == 1
    assert database.seats_sold_twice() == []


def test_a_confirmation_and_a_cancellation_at_once_both_have_their_event(
    cinema: Cinema, database: WriteDatabase
) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1").state.reservation_id
    at_once(*[lambda: cinema.confirm(held), lambda: cinema.cancel(held)])
    told = [message for _, message in database.messages() if message.aggregate_id == str(held)]
    (row,) = database.rows(select(reservations.c.Version, reservations.c.Status))
    assert [message.version for message in told] == list(range(1, row.Version + 1))
    assert row.Status == "Cancelled"


def test_of_two_overlapping_showtimes_exactly_one_is_scheduled(
    cinema: Cinema, database: WriteDatabase
) -> None:
    cinema.register_movie()
    cinema.register_auditorium()
    answers = at_once(*[cinema.create_showtime] * 4)
    assert refusals(answers) == {ShowtimeOverlapError: 3}
    assert database.count(showtimes) == 1


@pytest.mark.full
def test_without_the_auditoriums_lock_showtimes_overlap(
    postgres_database: WriteDatabase, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control. SQLite has one writer at a time, so only a server with row locks can show it."""
    both_have_looked = threading.Barrier(2)
    look = SqlShowtimeRepository.last_starting_before

    def look_and_wait(
        self: SqlShowtimeRepository, auditorium_id: AuditoriumId, *, moment: datetime
    ) -> Showtime | None:
        seen = look(self, auditorium_id, moment=moment)
        both_have_looked.wait(timeout=30)
        return seen

    def no_lock(query: Select[Any], _table: Table) -> Select[Any]:
        return query

    store = sql_write_store(postgres_database.engine)
    cinema = Cinema(build_write_side(house_settings(), store=store, clock=clock))
    cinema.register_movie()
    cinema.register_auditorium()
    monkeypatch.setattr(SqlShowtimeRepository, "last_starting_before", look_and_wait)
    monkeypatch.setattr(auditorium_repository, "locked", no_lock)
    assert refusals(at_once(*[cinema.create_showtime] * 2)) == {}
    assert postgres_database.count(showtimes) == 2
