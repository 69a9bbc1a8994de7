from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import postgres_url
from tests.servers.reporting_database import ReportingDatabase, reporting_database

__all__ = ["postgres_url"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReportingDatabase]:
    url: str = (
        f"sqlite:///{tmp_path / 'reporting.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    with reporting_database(url) as opened:
        yield opened
