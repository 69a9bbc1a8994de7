"""Databases for those who look, and do not work there: few connections, and no new file of SQLite's."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine

from shared.application.audit.ports import StationUnreadableError
from shared.bootstrap.engines import engine_of, missing_file
from shared.settings import AuditSettings, TraceSettings

_CONNECTIONS = 2


@contextmanager
def both_engines(settings: AuditSettings | TraceSettings) -> Generator[tuple[Engine, Engine]]:
    """The write and the reporting database's engines for as long as the context lasts.

    Raises:
        SettingsError: a URL names no database that this product speaks, or whose driver is on this machine.
        StationUnreadableError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    with (
        _engine(settings.write_database_url, "WRITE_DATABASE_URL", settings=settings) as write,
        _engine(settings.reporting_database_url, "REPORTING_DATABASE_URL", settings=settings) as reporting,
    ):
        yield write, reporting


@contextmanager
def _engine(url: str, variable: str, *, settings: AuditSettings | TraceSettings) -> Generator[Engine]:
    engine = engine_of(
        url,
        variable=variable,
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=_CONNECTIONS,
        recycle_seconds=settings.sql_recycle_seconds,
    )
    if missing := missing_file(engine):
        raise StationUnreadableError(variable, missing)
    try:
        yield engine
    finally:
        engine.dispose()
