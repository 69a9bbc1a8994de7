"""A client of the stand-in."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from tests.servers.mongo import mongo_url

__all__ = ["mongo_url"]


@pytest.fixture
def collection(mongo_url: str) -> Iterator[Collection[dict[str, Any]]]:  # the fixture's own name
    """An empty collection."""
    with MongoClient[dict[str, Any]](mongo_url) as client:
        yield client["test"][f"c{uuid4().hex}"]
