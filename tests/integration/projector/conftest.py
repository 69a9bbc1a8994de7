"""The servers that the projector writes to, and what it is told of them."""

from uuid import uuid4

import pytest

from shared.settings import ProjectorSettings
from tests.servers.mongo import mongo_server, mongo_url, real_mongo, stand_in_mongo
from tests.servers.valkey import redis_url

__all__ = ["mongo_server", "mongo_url", "real_mongo", "redis_url", "stand_in_mongo"]


@pytest.fixture
def settings(mongo_url: str, redis_url: str) -> ProjectorSettings:
    """The settings of a projector with views of its own."""
    return ProjectorSettings(mongo_url=mongo_url, mongo_database=f"test_{uuid4().hex}", redis_url=redis_url)
