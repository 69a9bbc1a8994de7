"""The reports, wired: the reporting database, read and never written."""

from collections.abc import Generator
from contextlib import contextmanager

from shared.application.reporting.ports import Reports, ReportsNotMigratedError
from shared.bootstrap.engines import engine_of, missing_file
from shared.infrastructure.sql.reporting_queries import SqlReports
from shared.settings import ReportSettings


@contextmanager
def open_reports(settings: ReportSettings) -> Generator[Reports]:
    """The reports of the settings' database; its connections are closed with the context.

    Raises:
        SettingsError: the URL names no database that this product speaks, or whose driver is on this machine.
        ReportsNotMigratedError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    engine = engine_of(
        settings.reporting_database_url,
        variable="REPORTING_DATABASE_URL",
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=1,
    )
    if missing := missing_file(engine):
        raise ReportsNotMigratedError(missing)
    try:
        yield SqlReports(engine, zone=settings.time_zone)
    finally:
        engine.dispose()
