"""A database that is locked, gone or never there: the caller is asked to come again, and the process lives."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event

from shared.application.errors import UnavailableError
from shared.application.rerun import CommandRunner
from shared.bootstrap.write_side import WriteSide, build_write_side, sql_write_store, write_side
from shared.infrastructure.sql.write_tables import movies, reservations
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock
from tests.integration.write_side.function_client import Answer, FunctionClient, every_route
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

DROP_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
MOVIE = {"title": "Inception", "runtimeMinutes": 148}


@pytest.fixture
def impatient(tmp_path: Path) -> WriteDatabase:
    return WriteDatabase(f"sqlite:///{tmp_path / 'cinema.db'}", lock_wait_seconds=0.05)


def side_of(database: WriteDatabase, *, attempts: int = 3) -> WriteSide:
    settings = house_settings(database.url, command_attempts=attempts)
    return build_write_side(settings, store=sql_write_store(database.engine), clock=FakeClock())


def assert_come_again(answer: Answer) -> None:
    assert (answer.status, answer.json["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_lock_that_is_held_too_long_is_unavailable(
    impatient: WriteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FunctionClient.serving(side_of(impatient), monkeypatch=monkeypatch)
    with impatient.engine.begin():
        assert_come_again(client.put("/api/movies/tt1375666", MOVIE))
    assert client.put("/api/movies/tt1375666", MOVIE).status == 201
    impatient.close()


def test_a_database_that_can_not_be_opened_is_unavailable_and_the_process_is_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = build_write_side(house_settings(f"sqlite:///{tmp_path / 'nowhere' / 'cinema.db'}"))
    client = FunctionClient.serving(side, monkeypatch=monkeypatch)
    assert_come_again(client.put("/api/movies/tt1375666", MOVIE))
    assert client.send("GET", "/livez").status == 200
    sick = client.send("GET", "/health")
    assert (sick.status, sick.json["checks"]) == (503, {"writeDatabase": "does not answer"})


def test_a_database_that_answers_is_healthy(client: FunctionClient) -> None:
    answer = client.send("GET", "/health")
    assert (answer.status, answer.json) == (
        200,
        {"status": "healthy", "checks": {"writeDatabase": "answers"}},
    )


def test_a_database_without_its_tables_is_not_healthy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    side = build_write_side(house_settings(), store=sql_write_store(engine))
    client = FunctionClient.serving(side, monkeypatch=monkeypatch)
    assert client.send("GET", "/health").status == 503
    engine.dispose()


def test_a_lock_that_is_let_go_meanwhile_is_never_seen(impatient: WriteDatabase) -> None:
    waits: list[float] = []
    with ExitStack() as locked:

        def let_go_at_the_second_wait(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                locked.close()

        runner = CommandRunner(
            impatient.begin, attempts=5, patience_seconds=60, sleep=let_go_at_the_second_wait
        )
        locked.enter_context(impatient.engine.begin())
        assert Cinema(replace(side_of(impatient), runner=runner)).register_movie().created
    assert len(waits) == 2
    assert impatient.count(movies) == 1
    impatient.close()


@pytest.mark.full
def test_a_connection_that_the_server_drops_is_replaced(postgres_database: WriteDatabase) -> None:
    cinema = Cinema(side_of(postgres_database))
    showtime_id = cinema.open_showtime()
    administrator = create_engine(postgres_database.url, isolation_level="AUTOCOMMIT")
    dropped: list[int] = []

    @event.listens_for(postgres_database.engine, "before_cursor_execute")
    def drop_everybody_once(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not dropped and statement.startswith('INSERT INTO "SeatClaims"'):
            with administrator.connect() as connection:
                dropped.append(connection.exec_driver_sql(DROP_OTHERS).rowcount)

    assert cinema.reserve(showtime_id, "A-1").created
    assert dropped[0] > 0, "a connection really was dropped"
    assert postgres_database.count(reservations) == 1
    event.remove(postgres_database.engine, "before_cursor_execute", drop_everybody_once)
    administrator.dispose()


def test_the_write_side_of_a_process_is_built_once_from_the_environment(
    sqlite_database: WriteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRITE_DATABASE_URL", sqlite_database.url)
    write_side.cache_clear()
    client = FunctionClient(every_route())
    assert client.put("/api/movies/tt1375666", MOVIE).status == 201
    assert write_side() is write_side()
    write_side.cache_clear()


def test_without_patience_a_busy_store_is_given_up(impatient: WriteDatabase) -> None:
    cinema = Cinema(side_of(impatient, attempts=1))
    with impatient.engine.begin(), pytest.raises(UnavailableError):
        cinema.register_movie()
    impatient.close()
