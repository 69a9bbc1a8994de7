from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.audit.conftest import furnished
from tests.integration.customers.booked_cinema import BookedCinema
from tests.servers.audited_stack import AuditedStack
from tests.servers.mongo import mongo_url
from tests.servers.postgres import throw_away_database
from tests.servers.valkey import redis_url

__all__ = ["furnished", "mongo_url", "redis_url"]


@pytest.fixture
def stack(furnished: AuditedStack, tmp_path: Path) -> Iterator[AuditedStack]:
    with furnished.copied(tmp_path / "stack", mongo_database=f"test_{uuid4().hex}") as copy:
        yield copy


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def booked(
    request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str, redis_url: str
) -> Iterator[BookedCinema]:
    """A showtime on sale, nothing delivered yet."""
    servers = {"mongo_url": mongo_url, "redis_url": redis_url, "views": f"test_{uuid4().hex}"}
    if request.param == "sqlite":
        cinema = BookedCinema.open(
            write_url=f"sqlite:///{tmp_path / 'cinema.db'}",
            reporting_url=f"sqlite:///{tmp_path / 'reporting.db'}",
            **servers,
        )
        yield cinema
        cinema.close()
    else:
        with throw_away_database() as write_url, throw_away_database() as reporting_url:
            cinema = BookedCinema.open(write_url=write_url, reporting_url=reporting_url, **servers)
            yield cinema
            cinema.close()
