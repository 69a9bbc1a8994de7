from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.upgrade import upgrade_branch
from shared.bootstrap.operations import operations, operations_on
from tests.integration.operations.command_line import CommandLine
from tests.schemas.documented_client import DocumentedClient
from tests.servers.outbox_database import OutboxDatabase


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[OutboxDatabase]:
    """The outbox of a migrated write database."""
    url = f"sqlite:///{tmp_path / 'cinema.db'}"
    upgrade_branch("write", url=url)
    opened = OutboxDatabase(url)
    yield opened
    opened.close()


@pytest.fixture
def client(outbox: OutboxDatabase, monkeypatch: pytest.MonkeyPatch) -> DocumentedClient:
    """A client of the functions over it, which compares every answer with the OpenAPI document."""
    return DocumentedClient.operating(
        operations_on(outbox.engine, max_body_bytes=1_000), monkeypatch=monkeypatch
    )


@pytest.fixture
def cinema(outbox: OutboxDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """The command line over it."""
    yield CommandLine.on(outbox.url, folder=tmp_path, monkeypatch=monkeypatch)
    operations.cache_clear()
