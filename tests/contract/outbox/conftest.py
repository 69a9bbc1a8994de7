from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from shared.application.outbox.messages import NewMessage
from shared.application.outbox.ports import OutboxStore
from tests.fakes.outbox_store import FakeOutboxStore
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.postgres import postgres_url

__all__ = ["postgres_url"]

PARTITIONS = {"reporting": 0, "domain-events": 8, "reservations": 8}


class Outbox(OutboxStore, Protocol):
    """A store with what the tests do to it from outside."""

    def commit(self, *new: NewMessage) -> list[int]: ...
    def advance(self, seconds: float) -> None: ...
    def pending(self, sink: str) -> list[int]: ...
    def held_streams(self, sink: str) -> dict[int, str]: ...
    def redrive(self, hold_id: int) -> object: ...
    def discard(self, hold_id: int) -> None: ...


@pytest.fixture
def sqlite_outbox(tmp_path: Path) -> Iterator[OutboxDatabase]:
    database = OutboxDatabase(f"sqlite:///{tmp_path / 'cinema.db'}")
    database.prepare(partitions=PARTITIONS)
    yield database
    database.close()


@pytest.fixture
def postgres_outbox(postgres_url: str) -> Iterator[OutboxDatabase]:
    database = OutboxDatabase(postgres_url)
    database.prepare(partitions=PARTITIONS)
    yield database
    database.close()


@pytest.fixture(
    params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.full)],
)
def outbox(request: pytest.FixtureRequest) -> Outbox:
    if request.param == "fake":
        fake = FakeOutboxStore()
        fake.prepare(partitions=PARTITIONS)
        return fake
    database: OutboxDatabase = request.getfixturevalue(f"{request.param}_outbox")
    return database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def database(request: pytest.FixtureRequest) -> OutboxDatabase:
    chosen: OutboxDatabase = request.getfixturevalue(f"{request.param}_outbox")
    return chosen
