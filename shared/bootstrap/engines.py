"""Engines for those who look at a database and did not make it."""

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from shared.application.outbox.errors import OutboxNotMigratedError
from shared.infrastructure.sql.engine import RECYCLE_SECONDS, UnsupportedDatabaseError, create_database_engine
from shared.settings import OperationsSettings, PipelineSettings, SettingsError


def engine_of(
    url: str,
    *,
    variable: str,
    lock_wait_seconds: float,
    pool_size: int,
    recycle_seconds: int = RECYCLE_SECONDS,
) -> Engine:
    """An engine, which connects when it is needed; `variable` is where the URL came from.

    Raises:
        SettingsError: the URL names no database that this product speaks, or whose driver is on this machine.
    """
    try:
        return create_database_engine(
            url, lock_wait_seconds=lock_wait_seconds, pool_size=pool_size, recycle_seconds=recycle_seconds
        )
    except (UnsupportedDatabaseError, ArgumentError, ImportError) as error:
        raise SettingsError(f"{variable}: {error}") from error


def outbox_engine(settings: OperationsSettings | PipelineSettings, *, pool_size: int) -> Engine:
    """The write database's engine for those who look at the outbox.

    Raises:
        SettingsError: see `engine_of`.
        OutboxNotMigratedError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    engine = engine_of(
        settings.write_database_url,
        variable="WRITE_DATABASE_URL",
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=pool_size,
        recycle_seconds=settings.sql_recycle_seconds,
    )
    if missing := missing_file(engine):
        raise OutboxNotMigratedError(missing)
    return engine


def missing_file(engine: Engine) -> str | None:
    """What to say where SQLite's file is not there. To connect would make an empty one."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        return f"there is no file {engine.url.database}"
    return None
