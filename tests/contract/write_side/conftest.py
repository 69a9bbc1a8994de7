from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest

from shared.application.command_context import CommandContext
from shared.application.outbox.messages import NewMessage
from shared.application.unit_of_work import UnitOfWork
from tests.fakes.write_store import FakeWriteStore
from tests.servers.postgres import postgres_url
from tests.servers.write_database import WriteDatabase

__all__ = ["postgres_url"]


class WriteStoreUnderTest(Protocol):
    """A store, and what it has committed to the outbox."""

    def begin(self, context: CommandContext) -> AbstractContextManager[UnitOfWork]: ...
    def messages(self) -> list[tuple[int, NewMessage]]: ...


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[WriteDatabase]:
    database = WriteDatabase(f"sqlite:///{tmp_path / 'cinema.db'}")
    yield database
    database.close()


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[WriteDatabase]:
    database = WriteDatabase(postgres_url)
    yield database
    database.close()


@pytest.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def store(request: pytest.FixtureRequest) -> WriteStoreUnderTest:
    if request.param == "fake":
        return FakeWriteStore()
    database: WriteDatabase = request.getfixturevalue(f"{request.param}_store")
    return database
