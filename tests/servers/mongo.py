"""Servers of the MongoDB protocol for tests: the stand-in, and in the `full` tier a real one.

The real one is what `MONGO_TEST_URL` names, or else FerretDB. Both see to it that the adapters hold, not only on what we wrote
ourselves. Where they differ in what the product relies on, the test asks `MongoServer.kind` and says so.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from tests.servers import ferretdb
from tests.servers.process import free_port, module, running

REAL = pytest.param("real", marks=[pytest.mark.full, pytest.mark.timeout(ferretdb.BUILD_SECONDS + 120)])


@dataclass(frozen=True)
class MongoServer:
    """A running server."""

    url: str
    kind: Literal["stand-in", "FerretDB", "MongoDB"]

    @contextmanager
    def database(self) -> Generator[Database[dict[str, Any]]]:
        """An empty database, dropped at the end."""
        with MongoClient[dict[str, Any]](self.url, tz_aware=True) as client:
            name = f"test_{uuid4().hex}"
            yield client[name]
            client.drop_database(name)


@pytest.fixture(scope="module")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty MongoDB stand-in, one for each test module."""
    port = free_port()
    with running(*stand_in(port=port, data=tmp_path_factory.mktemp("mongo")), port=port):
        yield f"mongodb://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def stand_in_mongo(mongo_url: str) -> MongoServer:
    return MongoServer(mongo_url, "stand-in")


@pytest.fixture(scope="module")
def real_mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """The server that is named, or else FerretDB; skips where neither can be had."""
    if given := os.environ.get("MONGO_TEST_URL"):
        yield MongoServer(given, _kind(given))
        return
    with ferretdb.ferretdb(tmp_path_factory.mktemp("ferretdb")) as url:
        yield MongoServer(url, "FerretDB")


@pytest.fixture(scope="module", params=["stand_in", REAL])
def mongo_server(request: pytest.FixtureRequest) -> MongoServer:
    """Each of the servers; every test that asks for it runs on both."""
    server: MongoServer = request.getfixturevalue(f"{request.param}_mongo")
    return server


@pytest.fixture
def mongo_database(mongo_server: MongoServer) -> Iterator[Database[dict[str, Any]]]:
    """An empty database of such a server."""
    with mongo_server.database() as database:
        yield database


def stand_in(*, port: int, data: Path) -> tuple[str, ...]:
    """How the stand-in is started."""
    return module("local.mongo", "--port", port, "--data", data)


def _kind(url: str) -> Literal["FerretDB", "MongoDB"]:
    with MongoClient[dict[str, Any]](url) as client:
        return "FerretDB" if "ferretdbVersion" in client.server_info() else "MongoDB"
