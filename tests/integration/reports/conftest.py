from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders.outbox_messages import BoxOffice, a_message
from tests.integration.reports.report_command import ReportCommand
from tests.servers.reporting_database import ReportingDatabase, committed, reporting_database

FRIDAY_EVENING = datetime(2026, 11, 27, 20, 15, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'reporting.db'}"


@pytest.fixture
def database(url: str) -> Iterator[ReportingDatabase]:
    with reporting_database(url) as opened:
        yield opened


@pytest.fixture
def report(database: ReportingDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReportCommand:
    """`cinema report` on the database, in a folder without settings files, at eighty columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPORTING_DATABASE_URL", database.url)
    monkeypatch.setenv("COLUMNS", "80")
    return ReportCommand()


@pytest.fixture
def two_showtimes(database: ReportingDatabase) -> None:
    """One on 2 December with 10 of 100 seats sold, 4 held and 3 given back; one of another movie on the 4th, called off."""
    on = BoxOffice(capacity=100)
    off = BoxOffice(capacity=50, movie_id="tt1375666", title="Inception")
    sold, held, back = (
        on.book(
            seats=seats, at=FRIDAY_EVENING + timedelta(minutes=seats), confirmed_after=timedelta(minutes=2)
        )
        for seats in (10, 4, 3)
    )
    database.deliver(
        committed(
            [
                a_message("movie:tt0245429", movie_id="tt0245429"),
                on.opened(),
                sold.created,
                sold.confirmed,
                held.created,
                back.created,
                back.cancelled_while_held,
                off.opened(),
                off.called_off(days=3),
            ]
        )
    )
