"""What is said to each database system: which of its errors pass, and how rows are locked."""

import re
import sqlite3

import pytest
from sqlalchemy import Table, select
from sqlalchemy.dialects import mssql, postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.schema import CreateTable

from shared.application.errors import TransientFaultError
from shared.infrastructure.sql.driver_faults import is_schema_missing, transient_faults_translated
from shared.infrastructure.sql.row_locks import locked, locked_shared
from shared.infrastructure.sql.write_tables import showtimes, write_metadata

pytestmark = pytest.mark.integration

BUSINESS_TABLES = [table for table in write_metadata.sorted_tables if not table.name.startswith("Outbox")]


def sqlite_error(code: int) -> Exception:
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code
    return error


def postgresql_error(sqlstate: str | None) -> Exception:
    error = Exception("no")
    error.sqlstate = sqlstate  # pyright: ignore[reportAttributeAccessIssue] as psycopg's errors have it
    return error


def sql_server_error(state: str, number: int) -> Exception:
    return Exception(
        state,
        f"[{state}] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]No. ({number}) (SQLExecDirectW)",
    )


PASSING = {
    "sqlite: locked by another writer": sqlite_error(sqlite3.SQLITE_BUSY),
    "sqlite: locked, a stale snapshot": sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT),
    "sqlite: the disk is full": sqlite_error(sqlite3.SQLITE_FULL),
    "postgresql: serialization failure": postgresql_error("40001"),
    "postgresql: deadlock": postgresql_error("40P01"),
    "postgresql: lock time-out": postgresql_error("55P03"),
    "postgresql: too many connections": postgresql_error("53300"),
    "postgresql: shut down by an administrator": postgresql_error("57P01"),
    "postgresql: connection failure": postgresql_error("08006"),
    "postgresql: no answer at all": postgresql_error(None),
    "sql server: deadlock": sql_server_error("40001", 1205),
    "sql server: lock time-out": sql_server_error("42000", 1222),
    "sql server: throttled": sql_server_error("42000", 40501),
    "sql server: database on the move": sql_server_error("42000", 40613),
    "sql server: too many requests": sql_server_error("42000", 49918),
    "sql server: connection lost": sql_server_error("08S01", 0),
    "sql server: login time-out": sql_server_error("HYT00", 0),
}

STAYING = {
    "sqlite: no such table": sqlite_error(sqlite3.SQLITE_ERROR),
    "sqlite: a driver error without a code": sqlite3.OperationalError("no"),
    "postgresql: undefined table": postgresql_error("42P01"),
    "postgresql: query cancelled": postgresql_error("57014"),
    "sql server: invalid object": sql_server_error("42S02", 208),
    "an error without a word": Exception(),
}


@pytest.mark.parametrize("cause", PASSING.values(), ids=PASSING)
def test_an_error_that_passes_asks_for_another_attempt(cause: Exception) -> None:
    with pytest.raises(TransientFaultError), transient_faults_translated():
        raise OperationalError("SELECT 1", {}, cause)


@pytest.mark.parametrize("cause", STAYING.values(), ids=STAYING)
def test_an_error_that_stays_is_told_as_it_is(cause: Exception) -> None:
    with pytest.raises(OperationalError), transient_faults_translated():
        raise OperationalError("SELECT 1", {}, cause)


def test_a_connection_that_is_known_to_be_dead_asks_for_another_attempt() -> None:
    with pytest.raises(TransientFaultError), transient_faults_translated():
        raise DBAPIError("SELECT 1", {}, Exception(), connection_invalidated=True)


def test_a_pool_without_a_free_connection_asks_for_another_attempt() -> None:
    with pytest.raises(TransientFaultError), transient_faults_translated():
        raise PoolTimeoutError


@pytest.mark.parametrize(
    ("cause", "missing"),
    [
        (sqlite3.OperationalError("no such table: OutboxLanes"), True),
        (sqlite3.OperationalError("no such column: OutboxHolds.State"), True),
        (sqlite3.OperationalError("database is locked"), False),
        (postgresql_error("42P01"), True),
        (postgresql_error("42703"), True),
        (postgresql_error("22003"), False),
        (sql_server_error("42S02", 208), True),
        (sql_server_error("42S22", 207), True),
        (sql_server_error("40001", 1205), False),
    ],
    ids=str,
)
def test_a_schema_that_is_not_there_is_told_from_other_errors(cause: Exception, *, missing: bool) -> None:
    assert is_schema_missing(DBAPIError("SELECT 1", {}, cause)) is missing


LOCKS: list[tuple[Dialect, str, str]] = [
    (mssql.dialect(), "WITH (ROWLOCK, XLOCK)", "WITH (ROWLOCK, REPEATABLEREAD)"),
    (postgresql.dialect(), 'FOR UPDATE OF "Showtimes"', 'FOR SHARE OF "Showtimes"'),
]


@pytest.mark.parametrize(("dialect", "alone", "shared"), LOCKS, ids=["sql server", "postgresql"])
def test_rows_are_locked_in_the_words_of_the_database(dialect: Dialect, alone: str, shared: str) -> None:
    query = select(showtimes.c.Status)
    assert alone in str(locked(query, showtimes).compile(dialect=dialect))
    assert shared in str(locked_shared(query, showtimes).compile(dialect=dialect))


def test_sqlite_needs_no_row_locks() -> None:
    query = select(showtimes.c.Status)
    plain = str(query.compile(dialect=sqlite.dialect()))
    assert str(locked(query, showtimes).compile(dialect=sqlite.dialect())) == plain


@pytest.mark.parametrize("table", BUSINESS_TABLES, ids=lambda table: table.name)
def test_no_column_on_sql_server_loses_what_it_is_given(table: Table) -> None:
    ddl = str(CreateTable(table).compile(dialect=mssql.dialect())).upper()
    assert "VARCHAR(MAX)" not in ddl.replace("NVARCHAR(MAX)", "")
    assert " TEXT" not in ddl
    assert set(re.findall(r" DATETIME\S*", ddl)) <= {" DATETIME2(6)"}
