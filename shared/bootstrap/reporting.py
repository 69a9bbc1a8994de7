"""The reports, wired: the reporting database, read and never written."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from shared.application.reporting.ports import Reports, ReportsNotMigratedError
from shared.infrastructure.sql.engine import UnsupportedDatabaseError, create_database_engine
from shared.infrastructure.sql.reporting_queries import SqlReports
from shared.settings import ReportSettings, SettingsError


@contextmanager
def open_reports(settings: ReportSettings) -> Generator[Reports]:
    """The reports of the settings' database; its connections are closed with the context.

    Raises:
        SettingsError: the URL names no database that this product speaks, or whose driver is on this machine.
        ReportsNotMigratedError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    engine = _engine(settings)
    try:
        _ensure_file_exists(engine)
        yield SqlReports(engine, zone=settings.time_zone)
    finally:
        engine.dispose()


def _engine(settings: ReportSettings) -> Engine:
    try:
        return create_database_engine(
            settings.reporting_database_url, lock_wait_seconds=settings.lock_wait_seconds, pool_size=1
        )
    except (UnsupportedDatabaseError, ArgumentError, ImportError) as error:
        raise SettingsError(f"REPORTING_DATABASE_URL: {error}") from error


def _ensure_file_exists(engine: Engine) -> None:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise ReportsNotMigratedError(f"there is no file {engine.url.database}")
