"""A database for suites that run on the fakes, on the stand-in and on a real server."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from shared.contracts.documents import FIRST_GENERATION
from shared.infrastructure.mongo.indexes import ensure_indexes
from tests.servers.mongo import REAL, MongoServer

ViewDatabase = Database[dict[str, Any]] | None


@pytest.fixture(params=["fake", "stand_in", REAL])
def view_database(request: pytest.FixtureRequest) -> Iterator[ViewDatabase]:
    """An empty database with its indexes, None where the fakes are meant."""
    if request.param == "fake":
        yield None
        return
    server: MongoServer = request.getfixturevalue(f"{request.param}_mongo")
    with server.database() as database:
        ensure_indexes(database, generation=FIRST_GENERATION)
        yield database
