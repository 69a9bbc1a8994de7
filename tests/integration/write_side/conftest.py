from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.bootstrap.write_side import WriteSide, build_write_side, sql_write_store
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock
from tests.integration.write_side.function_client import FunctionClient
from tests.servers.postgres import postgres_url
from tests.servers.write_database import WriteDatabase

__all__ = ["postgres_url"]


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[WriteDatabase]:
    database = WriteDatabase(f"sqlite:///{tmp_path / 'cinema.db'}")
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[WriteDatabase]:
    database = WriteDatabase(postgres_url)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def database(request: pytest.FixtureRequest) -> WriteDatabase:
    chosen: WriteDatabase = request.getfixturevalue(f"{request.param}_database")
    return chosen


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def side_on(database: WriteDatabase, clock: FakeClock) -> WriteSide:
    settings = house_settings(database.url, lock_wait_seconds=20.0, command_attempts=20)
    return build_write_side(settings, store=sql_write_store(database.engine), clock=clock)


@pytest.fixture
def cinema(database: WriteDatabase, clock: FakeClock) -> Cinema:
    return Cinema(side_on(database, clock))


@pytest.fixture
def client(
    sqlite_database: WriteDatabase, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> FunctionClient:
    return FunctionClient.serving(side_on(sqlite_database, clock), monkeypatch=monkeypatch)
