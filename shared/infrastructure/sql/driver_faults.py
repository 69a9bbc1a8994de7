"""Which failures of a database pass by themselves.

Sources: SQLite's result codes; PostgreSQL's appendix "Error Codes"; Microsoft's "Troubleshoot transient connection
errors in SQL Database", to which lock time-out (1222) and update conflict (3960) are added.
"""

import re
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.application.errors import TransientFaultError

_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}
_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes keep the primary one in their low byte."""

_POSTGRESQL_CLASSES = ("08", "40", "53", "57P")
"""Connection exception, transaction rollback, insufficient resources, and operator intervention by the server."""

_POSTGRESQL_LOCK_TIMEOUT = "55P03"

_POSTGRESQL_UNDEFINED = {"42P01", "42703"}
"""Undefined table, undefined column."""

_SQL_SERVER_UNDEFINED = {207, 208}
"""Invalid column name, invalid object name."""

_SQL_SERVER_LOCK_TIMEOUT = 1222
_SQL_SERVER_NUMBERS = frozenset(
    {64, 233, 615, 926, 1205, 1222, 3960, 4060, 4221, 10053, 10054, 10060, 10928, 10929}
    | {40143, 40166, 40197, 40501, 40540, 40613, 42108, 42109, 49918, 49919, 49920}
)
_SQL_SERVER_STATES = ("08", "40001", "HYT")
_NUMBER_IN_MESSAGE = re.compile(r"\((\d+)\)")


@contextmanager
def transient_faults_translated() -> Generator[None]:
    """Database work within; what may succeed on another try is said so, everything else passes as it is.

    Raises:
        TransientFaultError: the same work may well succeed on a fresh connection.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise TransientFaultError("no database connection was free") from error
    except DBAPIError as error:
        if not is_transient(error):
            raise
        raise TransientFaultError(str(error.orig)) from error


def is_transient(error: DBAPIError) -> bool:
    """Whether a driver's error is one of those that pass."""
    cause = error.orig
    if error.connection_invalidated:
        return True
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE in _SQLITE_CODES
    if hasattr(cause, "sqlstate"):
        return _is_transient_on_postgresql(error)
    return _is_transient_on_sql_server(cause)


def is_lock_timeout(error: DBAPIError) -> bool:
    """Whether a row was locked by somebody else for too long."""
    cause = error.orig
    if getattr(cause, "sqlstate", None) == _POSTGRESQL_LOCK_TIMEOUT:
        return True
    return not isinstance(cause, sqlite3.Error) and _SQL_SERVER_LOCK_TIMEOUT in _sql_server_numbers(cause)


def is_schema_missing(error: DBAPIError) -> bool:
    """Whether a table or a column is not there: the database was never migrated, or not far enough."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return str(cause).startswith(("no such table", "no such column"))
    if hasattr(cause, "sqlstate"):
        return getattr(cause, "sqlstate", None) in _POSTGRESQL_UNDEFINED
    return not _SQL_SERVER_UNDEFINED.isdisjoint(_sql_server_numbers(cause))


def _is_transient_on_postgresql(error: DBAPIError) -> bool:
    """An operational error without a state comes from the client: no connection could be made, or it broke."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError)
    return state.startswith(_POSTGRESQL_CLASSES) or state == _POSTGRESQL_LOCK_TIMEOUT


def _is_transient_on_sql_server(cause: BaseException | None) -> bool:
    """ODBC gives a state and a message in which the server's error number stands in brackets."""
    state = str(cause.args[0]) if cause and cause.args else ""
    return state.startswith(_SQL_SERVER_STATES) or not _SQL_SERVER_NUMBERS.isdisjoint(
        _sql_server_numbers(cause)
    )


def _sql_server_numbers(cause: BaseException | None) -> set[int]:
    messages = [str(argument) for argument in cause.args[1:]] if cause else []
    return {int(number) for message in messages for number in _NUMBER_IN_MESSAGE.findall(message)}
