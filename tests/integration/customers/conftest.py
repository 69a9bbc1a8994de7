from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.audit.conftest import furnished
from tests.servers.audited_stack import AuditedStack
from tests.servers.mongo import mongo_url
from tests.servers.valkey import redis_url

__all__ = ["furnished", "mongo_url", "redis_url"]


@pytest.fixture
def stack(furnished: AuditedStack, tmp_path: Path) -> Iterator[AuditedStack]:
    with furnished.copied(tmp_path / "stack", mongo_database=f"test_{uuid4().hex}") as copy:
        yield copy
