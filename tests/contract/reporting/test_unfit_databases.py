"""What is said, in one line, of a reporting database that can't be read."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from shared.application.errors import TransientFaultError
from shared.application.reporting.ports import ReportError, Reports, ReportScope
from shared.bootstrap.reporting import open_reports
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_queries import SqlReports
from shared.settings import ReportSettings, SettingsError

pytestmark = pytest.mark.contract

ASK: dict[str, Callable[[Reports], object]] = {
    "showtimes": lambda reports: reports.showtimes(ReportScope()),
    "movies": lambda reports: reports.movies(ReportScope()),
    "conversion": lambda reports: reports.conversion(ReportScope()),
    "hours": lambda reports: reports.hours(ReportScope()),
}


@pytest.mark.parametrize("report", ASK)
def test_a_database_without_tables_wants_to_be_migrated(report: str, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    assert_unfit(f"sqlite:///{tmp_path / 'empty.db'}", report, says="not migrated, run the migrations")


@pytest.mark.full
@pytest.mark.parametrize("report", ASK)
def test_a_postgresql_database_without_tables_wants_to_be_migrated(report: str, postgres_url: str) -> None:
    assert_unfit(postgres_url, report, says="not migrated, run the migrations")


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear box office, " * 100)
    assert_unfit(f"sqlite:///{tmp_path / 'letter.txt'}", "showtimes", says="not a database")


def test_a_table_that_lacks_columns_is_told_in_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_database_engine(url, lock_wait_seconds=1.0, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text('CREATE TABLE "ShowtimeFacts" ("Version" INTEGER)'))
    with pytest.raises(ReportError, match="no such column") as caught:
        SqlReports(engine, zone=ZoneInfo("UTC")).showtimes(ReportScope())
    engine.dispose()
    assert "\n" not in str(caught.value)


def test_no_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert_unfit(
        f"sqlite:///{tmp_path / 'reporting.db'}", "hours", says="run the migrations: there is no file"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_an_outage() -> None:
    with (
        open_reports(
            ReportSettings(reporting_database_url="postgresql://nobody@127.0.0.1:1/none")
        ) as reports,
        pytest.raises(TransientFaultError),
    ):
        reports.showtimes(ReportScope())


@pytest.mark.parametrize("url", ["mysql://localhost/cinema", "reporting.db", ""])
def test_another_kind_of_database_is_a_wrong_setting(url: str) -> None:
    with (
        pytest.raises(SettingsError, match="REPORTING_DATABASE_URL"),
        open_reports(ReportSettings(reporting_database_url=url)),
    ):
        pytest.fail("it was opened")


def assert_unfit(url: str, report: str, *, says: str) -> None:
    with (
        pytest.raises(ReportError, match=says) as caught,
        open_reports(ReportSettings(reporting_database_url=url)) as reports,
    ):
        ASK[report](reports)
    assert "\n" not in str(caught.value)
