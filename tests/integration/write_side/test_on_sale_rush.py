"""Many clients at once on PostgreSQL, each with a transaction of its own: nothing is sold twice, and nobody sees a deadlock."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.domain.catalogue.seat import Seat
from shared.domain.errors import CinemaError
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.infrastructure.sql.write_tables import reservation_seats, reservations, seat_claims
from tests.builders.cinema import Cinema
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.integration.write_side.test_races import blind_to_holders
from tests.servers.write_database import WriteDatabase

pytestmark = [pytest.mark.integration, pytest.mark.full]

ATTEMPTS, CLIENTS, ROWS, SEATS_IN_A_ROW = 1_000, 200, "ABCDE", 20


@pytest.fixture
def cinema(postgres_database: WriteDatabase, clock: FakeClock) -> Cinema:
    return Cinema(side_on(postgres_database, clock))


def outcome_of(cinema: Cinema, showtime_id: UUID, *names: str) -> str:
    """What a client is told."""
    try:
        return cinema.reserve(showtime_id, *names).state.status.value
    except CinemaError as refusal:
        return refusal.code


def at_once(cinema: Cinema, showtime_id: UUID, *wanted: Sequence[str]) -> Counter[str]:
    """What clients are told who all want some seats, twenty of them at any moment."""

    def book(names: Sequence[str]) -> str:
        return outcome_of(cinema, showtime_id, *names)

    with ThreadPoolExecutor(20) as clients:
        return Counter(clients.map(book, wanted))


def test_of_a_thousand_attempts_at_one_seat_exactly_one_wins(
    cinema: Cinema, postgres_database: WriteDatabase
) -> None:
    showtime_id = cinema.open_showtime()
    told = at_once(cinema, showtime_id, *[["A-1"]] * ATTEMPTS)
    assert told == {"Pending": 1, "seats-taken": ATTEMPTS - 1}
    assert postgres_database.count(seat_claims) == 1


def test_it_is_the_claims_key_that_decides_and_not_the_look_before(
    cinema: Cinema, postgres_database: WriteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without the key, and with everybody looking at once, the seat is sold many times."""
    showtime_id = cinema.open_showtime()
    postgres_database.execute('ALTER TABLE "SeatClaims" DROP CONSTRAINT "PK_SeatClaims"')
    blind_to_holders(monkeypatch)
    told = at_once(cinema, showtime_id, *[["A-1"]] * 20)
    assert told["Pending"] > 1
    assert len(postgres_database.seats_sold_twice()) == 1


def test_a_rush_sells_every_seat_once_and_no_client_sees_a_deadlock(
    cinema: Cinema, postgres_database: WriteDatabase
) -> None:
    cinema.register_movie()
    cinema.register_auditorium(A=20, B=20, C=20, D=20, E=20)
    showtime_id = cinema.create_showtime().state.showtime_id

    def a_client(number: int) -> Counter[str]:
        """Wants one to four seats side by side, anywhere, and tries four times."""
        chance, told = Random(number), Counter[str]()  # noqa: S311 repeatable on purpose
        for _ in range(4):
            first, size = chance.randint(1, SEATS_IN_A_ROW), chance.randint(1, 4)
            row = chance.choice(ROWS)
            names = [f"{row}-{first + place}" for place in range(size) if first + place <= SEATS_IN_A_ROW]
            told[outcome_of(cinema, showtime_id, *names)] += 1
        return told

    with ThreadPoolExecutor(24) as clients:
        told = sum(clients.map(a_client, range(CLIENTS)), Counter[str]())
    sold = sold_seats(postgres_database)
    every = [(row, number) for row in ROWS for number in range(1, SEATS_IN_A_ROW + 1)]
    left = [[f"{row}-{number}"] for row, number in every if Seat(row, number) not in sold]
    told += at_once(cinema, showtime_id, *left, *left)
    assert set(told) == {"Pending", "seats-taken"}, "nobody is told that the system is busy"
    assert postgres_database.seats_sold_twice() == []
    assert postgres_database.count(seat_claims) == len(ROWS) * SEATS_IN_A_ROW, "every seat is sold"
    assert postgres_database.count(reservations) == told["Pending"]


def test_bookings_of_the_same_seats_in_crossed_order_never_wait_for_each_other_in_a_circle(
    cinema: Cinema, postgres_database: WriteDatabase
) -> None:
    showtime_id = cinema.open_showtime()
    pairs = [("A-5", "A-6"), ("A-6", "A-5")] * 50
    told = at_once(cinema, showtime_id, *pairs)
    assert told == {"Pending": 1, SeatsAlreadyTakenError.code: len(pairs) - 1}
    assert postgres_database.count(reservation_seats) == 2


def sold_seats(database: WriteDatabase) -> set[Seat]:
    return {Seat(row.Row, row.Number) for row in database.rows(select(seat_claims))}
