"""Databases for those who look or operate, and do not work there: few connections, and no new file of SQLite's."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Engine

from shared.application.audit.ports import StationUnreadableError
from shared.bootstrap.engines import engine_of, missing_file
from shared.settings import AuditSettings, CustomerSettings, RebuildSettings, TraceSettings

_CONNECTIONS = 2


@contextmanager
def both_engines(
    settings: AuditSettings | CustomerSettings | TraceSettings,
) -> Generator[tuple[Engine, Engine]]:
    """The write and the reporting database's engines for as long as the context lasts.

    Raises:
        SettingsError: a URL names no database that this product speaks, or whose driver is on this machine.
        StationUnreadableError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    open_engine = partial(existing_engine, settings=settings, pool_size=_CONNECTIONS)
    with (
        open_engine(settings.write_database_url, "WRITE_DATABASE_URL") as write,
        open_engine(settings.reporting_database_url, "REPORTING_DATABASE_URL") as reporting,
    ):
        yield write, reporting


@contextmanager
def existing_engine(
    url: str,
    variable: str,
    *,
    settings: AuditSettings | CustomerSettings | RebuildSettings | TraceSettings,
    pool_size: int,
) -> Generator[Engine]:
    """One database's engine; `variable` is where its URL came from. It raises what `both_engines` does."""
    engine = engine_of(
        url,
        variable=variable,
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=pool_size,
        recycle_seconds=settings.sql_recycle_seconds,
    )
    if missing := missing_file(engine):
        raise StationUnreadableError(variable, missing)
    try:
        yield engine
    finally:
        engine.dispose()
