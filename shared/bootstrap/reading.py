"""A database's engine for those who look, and do not work there: few connections, and no new file of SQLite's."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from shared.application.audit.ports import StationUnreadableError
from shared.infrastructure.sql.engine import UnsupportedDatabaseError, create_database_engine
from shared.settings import SettingsError

_CONNECTIONS = 2


@contextmanager
def reading_engine(
    url: str, *, variable: str, lock_wait_seconds: float, recycle_seconds: int
) -> Generator[Engine]:
    """An engine for as long as the context lasts; `variable` is where the URL came from.

    Raises:
        SettingsError: the URL names no database that this product speaks, or whose driver is on this machine.
        StationUnreadableError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    try:
        engine = create_database_engine(
            url, lock_wait_seconds=lock_wait_seconds, pool_size=_CONNECTIONS, recycle_seconds=recycle_seconds
        )
    except (UnsupportedDatabaseError, ArgumentError, ImportError) as error:
        raise SettingsError(f"{variable}: {error}") from error
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise StationUnreadableError(variable, f"there is no file {engine.url.database}")
    try:
        yield engine
    finally:
        engine.dispose()
