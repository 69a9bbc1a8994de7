"""A collection of each server."""

from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from tests.integration.mongo_server.patient_store import members, store
from tests.servers.mongo import mongo_database, mongo_server, mongo_url, real_mongo, stand_in_mongo

__all__ = [
    "members",
    "mongo_database",
    "mongo_server",
    "mongo_url",
    "real_mongo",
    "stand_in_mongo",
    "store",
]


@pytest.fixture
def collection(mongo_database: Database[dict[str, Any]]) -> Collection[dict[str, Any]]:
    """An empty collection."""
    return mongo_database["c"]
