"""One MongoDB stand-in, one Valkey and one read service for each test module."""

from collections.abc import Iterator

import pytest

from tests.servers.mongo import mongo_url
from tests.servers.read_service import ReadService, Views, read_service
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]


@pytest.fixture(scope="module")
def views(mongo_url: str, redis_url: str) -> Iterator[Views]:
    written = Views(mongo_url=mongo_url, redis_url=redis_url)
    yield written
    written.close()


@pytest.fixture(scope="module")
def service(mongo_url: str, redis_url: str) -> Iterator[ReadService]:
    with read_service(mongo_url=mongo_url, redis_url=redis_url, MAX_WAIT_SECONDS=1) as running_service:
        yield running_service
