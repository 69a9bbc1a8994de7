"""Business rows and outbox rows commit together or not at all."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shared.application.errors import TooMuchToTellError
from shared.application.unit_of_work import UnitOfWork
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.catalogue.movie import Movie, MovieRegistered
from shared.infrastructure.sql import outbox_tables, write_tables
from tests.builders.catalogue import INCEPTION
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import HOLD
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock
from tests.integration.write_side.function_client import FunctionClient
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

OUTBOX_REFUSES = (
    'CREATE TRIGGER refuse BEFORE INSERT ON "OutboxMessages" '
    "BEGIN SELECT RAISE(ABORT, 'the outbox is broken'); END"
)


@pytest.fixture
def sqlite_cinema(sqlite_database: WriteDatabase, clock: FakeClock) -> Cinema:
    store = sql_write_store(sqlite_database.engine)
    return Cinema(build_write_side(house_settings(), store=store, clock=clock))


def test_without_an_event_there_is_no_reservation(
    sqlite_cinema: Cinema, sqlite_database: WriteDatabase
) -> None:
    showtime_id = sqlite_cinema.open_showtime()
    before = len(sqlite_database.messages())
    sqlite_database.execute(OUTBOX_REFUSES)
    with pytest.raises(IntegrityError, match="the outbox is broken"):
        sqlite_cinema.reserve(showtime_id, "A-1", "A-2")
    for table in (
        write_tables.reservations,
        write_tables.reservation_seats,
        write_tables.seat_claims,
        write_tables.customers,
    ):
        assert sqlite_database.count(table) == 0, table.name
    assert len(sqlite_database.messages()) == before


def test_without_an_event_nothing_expires(
    sqlite_cinema: Cinema, sqlite_database: WriteDatabase, clock: FakeClock
) -> None:
    showtime_id = sqlite_cinema.open_showtime()
    sqlite_cinema.reserve(showtime_id, "A-1")
    clock.advance(HOLD)
    sqlite_database.execute(OUTBOX_REFUSES)
    with pytest.raises(IntegrityError, match="the outbox is broken"):
        sqlite_cinema.reserve(showtime_id, "A-1")
    (row,) = sqlite_database.rows(select(write_tables.reservations.c.Status))
    assert row.Status == "Pending"
    assert sqlite_database.count(write_tables.seat_claims) == 1


def test_the_caller_is_told_nothing_but_that_it_failed(
    sqlite_cinema: Cinema,
    sqlite_database: WriteDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = FunctionClient.serving(sqlite_cinema.side, monkeypatch=monkeypatch)
    sqlite_database.execute(OUTBOX_REFUSES)
    answer = client.put("/api/movies/tt1375666", {"title": "Inception", "runtimeMinutes": 148})
    assert (answer.status, answer.json["type"]) == (500, "about:blank")
    assert b"outbox" not in answer.body
    assert "the outbox is broken" in caplog.text
    assert sqlite_database.count(write_tables.movies) == 0


def test_what_is_too_large_to_be_told_is_not_done(
    sqlite_cinema: Cinema, sqlite_database: WriteDatabase
) -> None:
    state = replace(INCEPTION, title="x" * 1_000_000)
    movie = Movie(state, events=[MovieRegistered(state=state, occurred_at=NOON)])

    def register(unit: UnitOfWork) -> None:
        unit.movies.add(movie)
        unit.commit()

    with pytest.raises(TooMuchToTellError):
        sqlite_cinema.side.runner.run(sqlite_cinema.context(), work=register)
    assert sqlite_database.count(write_tables.movies) == 0


def test_every_committed_event_has_a_delivery_for_each_sink(
    sqlite_cinema: Cinema, sqlite_database: WriteDatabase
) -> None:
    held = sqlite_cinema.reserve(sqlite_cinema.open_showtime(), "A-1")
    sqlite_cinema.confirm(held.state.reservation_id)
    types = [message.type for _, message in sqlite_database.messages()]
    assert len(types) == 5
    of_reservations = sum(".reservation." in wire_type for wire_type in types)
    assert sqlite_database.count(outbox_tables.deliveries) == 2 * len(types) + of_reservations
