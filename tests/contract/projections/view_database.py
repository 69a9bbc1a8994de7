"""A database for suites that run on the fakes, the stand-in, and a real server where MONGO_TEST_URL names one."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from shared.infrastructure.mongo.indexes import ensure_indexes

ViewDatabase = Database[dict[str, Any]] | None


@pytest.fixture(params=["fake", "stand-in", pytest.param("real", marks=pytest.mark.full)])
def view_database(request: pytest.FixtureRequest) -> Iterator[ViewDatabase]:
    """An empty database with its indexes, None where the fakes are meant."""
    if request.param == "fake":
        yield None
        return
    if request.param == "real" and "MONGO_TEST_URL" not in os.environ:
        pytest.skip("MONGO_TEST_URL names no MongoDB-compatible server")
    url = os.environ["MONGO_TEST_URL"] if request.param == "real" else request.getfixturevalue("mongo_url")
    with MongoClient[dict[str, Any]](url) as client:
        name = f"test_{uuid4().hex}"
        ensure_indexes(client[name])
        yield client[name]
        client.drop_database(name)
