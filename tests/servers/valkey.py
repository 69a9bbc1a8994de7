"""A Valkey server for tests."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.stack.embedded import redis_program
from tests.servers.process import free_port, running


@contextmanager
def valkey(folder: Path, *, port: int, password: str = "") -> Generator[None]:
    """An empty server on a port; with a password it asks for it."""
    command = (str(redis_program()), "--port", str(port), "--bind", "127.0.0.1", "--save", "")
    with running(*command, "--dir", str(folder), "--requirepass", password, port=port):
        yield


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty Valkey server, one for each test module."""
    port = free_port()
    with valkey(tmp_path_factory.mktemp("valkey"), port=port):
        yield f"redis://127.0.0.1:{port}/0"
