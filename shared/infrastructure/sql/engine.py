"""Engines for SQL Server, PostgreSQL and SQLite that behave alike.

Each transaction is READ COMMITTED over row versions, and gives up waiting for a lock after the same time. On SQLite
a transaction takes the write lock when it begins, so that it can't fail halfway by meeting another writer; one that
only reads says so (`for_reading`) and then waits for nobody.
"""

import sqlite3
import time
from random import random
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

from shared.identity.kept_token import own_token
from shared.infrastructure.sql.entra_tokens import SCOPE, sign_in_with_tokens, wants_entra_token

_READ_ONLY = "cinema_read_only"
_LOCK_WAIT = "cinema_lock_wait_ms"
_CONNECT_SECONDS = 5
RECYCLE_SECONDS = 1_500
"""Shorter than the half hour after which Azure's gateways drop an idle connection."""

_LOCK_POLL_SECONDS = 0.004

_LONGEST_SILENCE_MS = 15_000
"""PostgreSQL ends a transaction that says nothing for this long: its process is frozen, and holds locks."""


_SILENCE_IS_NOTICED = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
"""PostgreSQL: a peer that the network has lost is given up after 15 seconds, not after the kernel's two hours."""

_SQLITE_CACHE_KIB = 8_192
"""SQLite's own 2 MB cost a drain 8 % of its speed once 100,000 messages were kept (docs/benchmarks.md)."""

_LONGEST_TRANSACTION_SECONDS = 30
"""No transaction of ours takes that long, a migration excepted. The database ends one that does, and frees its locks."""

_POSTGRESQL_WITH_TRANSACTION_TIMEOUT = 17_00_00


class UnsupportedDatabaseError(Exception):
    """A database URL names a system that this product does not speak."""


def create_database_engine(
    url: str,
    *,
    lock_wait_seconds: float,
    pool_size: int,
    recycle_seconds: int = RECYCLE_SECONDS,
    longest_transaction_seconds: int | None = _LONGEST_TRANSACTION_SECONDS,
) -> Engine:
    """An engine with at most `pool_size` connections, all made lazily, and replaced when they are `recycle_seconds` old.

    A transaction that lasts `longest_transaction_seconds` is ended by PostgreSQL 17 or newer; on SQL Server, where no such
    thing is to be had, a statement is that lasts so long. None is no limit. SQLite's end with their process.

    Raises:
        UnsupportedDatabaseError: the URL is not one of sqlite, postgresql or mssql.
    """
    parsed = make_url(url)
    builders = {"sqlite": _sqlite, "postgresql": _postgresql, "mssql": _sql_server}
    builder = builders.get(parsed.get_backend_name())
    if builder is None:
        raise UnsupportedDatabaseError(
            f"{parsed.get_backend_name()!r} is none of {', '.join(builders)}: check the database URL"
        )
    options = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": lock_wait_seconds,
        "pool_recycle": recycle_seconds,
        "execution_options": {_LOCK_WAIT: int(lock_wait_seconds * 1000)},
        "hide_parameters": True,  # they hold personal data, and tracebacks are logged
    }
    engine = builder(parsed, lock_wait_ms=int(lock_wait_seconds * 1000), options=options)
    if longest_transaction_seconds is not None:
        _limit_transactions(engine, seconds=longest_transaction_seconds)
    return engine


def for_reading(engine: Engine) -> Engine:
    """The same engine and pool, for transactions that only read; on SQLite they never wait for a writer."""
    return engine.execution_options(**{_READ_ONLY: True})


def lock_wait_ms_of(engine: Engine) -> int:
    """How long the engine's transactions wait for a lock, in milliseconds."""
    return engine.get_execution_options()[_LOCK_WAIT]


def _sqlite(url: URL, *, lock_wait_ms: int, options: dict[str, Any]) -> Engine:
    engine = create_engine(url, **options)

    def configure(connection: sqlite3.Connection, _record: object) -> None:
        # With autocommit at the driver, the BEGIN of `begin` is the only one.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={lock_wait_ms}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"cache_size=-{_SQLITE_CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_READ_ONLY, False):
            connection.exec_driver_sql("BEGIN DEFERRED")
        else:
            _begin_writing(connection, lock_wait_ms=lock_wait_ms)

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin)
    return engine


def _begin_writing(connection: Connection, *, lock_wait_ms: int) -> None:
    """Take the write lock, asking for it every few milliseconds.

    SQLite's own waiting sleeps ever longer, up to 100 ms at a time, so that among many writers most of the time
    nobody has the lock.
    """
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    driver.execute("PRAGMA busy_timeout=0").close()
    try:
        if not _begun_in_time(driver, seconds=lock_wait_ms / 1000):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={lock_wait_ms}").close()


def _begun_in_time(driver: sqlite3.Connection, *, seconds: float) -> bool:
    """Whether the write lock was had; if not, another try says why."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            driver.execute("BEGIN IMMEDIATE").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return False
        else:
            return True
        time.sleep(_LOCK_POLL_SECONDS * random())  # noqa: S311 it spreads load, it guards nothing
    return False


def _postgresql(url: URL, *, lock_wait_ms: int, options: dict[str, Any]) -> Engine:
    # psycopg prepares what is executed often, and PostgreSQL would then keep its plan: one that was made while the outbox
    # was empty scans it for each lane once a sink has been down (seen: 5 s a read instead of 16 ms).
    session = (
        f"-c lock_timeout={lock_wait_ms} -c timezone=UTC -c plan_cache_mode=force_custom_plan"
        f" -c idle_in_transaction_session_timeout={_LONGEST_SILENCE_MS}"
    )
    return create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"options": session, "connect_timeout": _CONNECT_SECONDS, **_SILENCE_IS_NOTICED},
        **options,
    )


def _sql_server(url: URL, *, lock_wait_ms: int, options: dict[str, Any]) -> Engine:
    engine = create_engine(
        url,
        fast_executemany=True,  # else pyodbc makes a round trip of every row
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"timeout": _CONNECT_SECONDS},
        **options,
    )
    if wants_entra_token(url):
        sign_in_with_tokens(engine, token=own_token(SCOPE))

    def configure(connection: Any, _record: object) -> None:
        connection.execute(f"SET LOCK_TIMEOUT {lock_wait_ms}").close()

    event.listen(engine, "connect", configure)
    return engine


def _limit_transactions(engine: Engine, *, seconds: int) -> None:
    """See `create_database_engine`.

    PostgreSQL's limit on silence is not enough: psycopg sends a Flush behind the Sync of an `executemany`, whose arrival
    takes back the timer that the Sync had set, so that a process frozen there would hold its locks for ever.
    """

    def on_postgresql(connection: Any, _record: object) -> None:
        if connection.info.server_version >= _POSTGRESQL_WITH_TRANSACTION_TIMEOUT:
            connection.autocommit = True
            connection.execute(f"SET transaction_timeout = '{seconds}s'").close()
            connection.autocommit = False

    def on_sql_server(connection: Any, _record: object) -> None:
        connection.timeout = seconds

    by_dialect = {"postgresql": on_postgresql, "mssql": on_sql_server}
    if listener := by_dialect.get(engine.dialect.name):
        event.listen(engine, "connect", listener)
