"""Row locks, in the words of each database. SQLite needs none: a writer there is alone."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, Function, Select, Table, func, insert, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from shared.infrastructure.sql.engine import lock_wait_ms_of

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def locked(query: Query, table: Table) -> Query:
    """The query, with the rows of a table locked for this transaction alone."""
    return query.with_for_update(of=table).with_hint(table, "WITH (ROWLOCK, XLOCK)", "mssql")


def locked_shared(query: Query, table: Table) -> Query:
    """The query, with the rows of a table locked against change, but for any number of readers like this one.

    On SQL Server a plain read would lock nothing under READ_COMMITTED_SNAPSHOT.
    """
    return query.with_for_update(of=table, read=True).with_hint(
        table, "WITH (ROWLOCK, REPEATABLEREAD)", "mssql"
    )


def insert_waiting_at_most(
    session: Session, *, table: Table, values: Mapping[str, Any], seconds: float
) -> None:
    """Insert a row; wait for others who are inserting the same key no longer than this.

    After a failure the transaction is another one. SQLite has no other writer to wait for once a transaction has begun.

    Raises:
        IntegrityError: the key is there.
        DBAPIError: somebody else was inserting it for too long; `is_lock_timeout` tells.
    """
    engine = cast(Engine, session.get_bind())
    if engine.dialect.name == "postgresql":
        usual_ms = lock_wait_ms_of(engine)
        session.execute(_with_lock_timeout(table, values, ms=int(seconds * 1000), usual_ms=usual_ms))
    elif engine.dialect.name == "mssql":
        with _sql_server_lock_timeout(session, ms=int(seconds * 1000), usual_ms=lock_wait_ms_of(engine)):
            session.execute(insert(table).values(values))
    else:
        session.execute(insert(table).values(values))


def _with_lock_timeout(
    table: Table, values: Mapping[str, Any], *, ms: int, usual_ms: int
) -> ReturningInsert[Any]:
    """The insertion as one statement, and so one round trip.

    The row comes from a query that sets the time, and it is stored before RETURNING sets it back. What fails is
    rolled back, and the setting with it.
    """
    shorter = select(_lock_timeout(ms)).cte("shorter").prefix_with("MATERIALIZED")
    row = select(*[literal(value) if isinstance(value, str | int) else value for value in values.values()])
    return (
        insert(table).from_select(list(values), row.select_from(shorter)).returning(_lock_timeout(usual_ms))
    )


def _lock_timeout(ms: int) -> Function[str]:
    until_the_transaction_ends = True
    return func.set_config("lock_timeout", str(ms), until_the_transaction_ends)


@contextmanager
def _sql_server_lock_timeout(session: Session, *, ms: int, usual_ms: int) -> Generator[None]:
    """Two more round trips.

    SQL Server undoes what a batch with parameters has SET when the batch ends, says its manual, so that one might do.
    But a wait that stayed short would refuse bookings, so this waits until somebody has seen it on a server.
    """
    session.execute(text(f"SET LOCK_TIMEOUT {ms}"))
    usual = text(f"SET LOCK_TIMEOUT {usual_ms}")
    try:
        yield
    except DBAPIError:
        session.rollback()
        session.execute(usual)
        raise
    session.execute(usual)
