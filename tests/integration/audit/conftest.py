from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from redis import Redis

from tests.servers.audited_stack import AuditedStack
from tests.servers.mongo import mongo_url
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]


@pytest.fixture(scope="module")
def furnished(mongo_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> AuditedStack:
    """A cinema that has sold, of which each test has a copy."""
    return AuditedStack.furnish(
        tmp_path_factory.mktemp("furnished"), mongo_url=mongo_url, redis_url=redis_url
    )


@pytest.fixture
def stack(furnished: AuditedStack, tmp_path: Path) -> Iterator[AuditedStack]:
    with furnished.copied(tmp_path / "stack", mongo_database=f"test_{uuid4().hex}") as copy:
        yield copy


@pytest.fixture
def redis(redis_url: str) -> Iterator[Any]:
    with cast(Any, Redis).from_url(redis_url) as client:
        yield client
