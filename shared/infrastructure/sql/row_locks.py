"""Row locks, in the words of each database. SQLite needs none: a writer there is alone."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, Select, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

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


@contextmanager
def waiting_at_most(session: Session, *, seconds: float) -> Generator[None]:
    """Wait for locks no longer than this within; after a failure within, the transaction is another one.

    SQLite has no other writer to wait for once a transaction has begun.
    """
    engine = cast(Engine, session.get_bind())
    set_wait = _SET_WAIT.get(engine.dialect.name)
    if set_wait is None:
        yield
        return
    session.execute(text(set_wait.format(ms=int(seconds * 1000))))
    usual = text(set_wait.format(ms=lock_wait_ms_of(engine)))
    try:
        yield
    except DBAPIError:
        session.rollback()
        session.execute(usual)
        raise
    session.execute(usual)


_SET_WAIT = {"postgresql": "SET LOCAL lock_timeout = {ms}", "mssql": "SET LOCK_TIMEOUT {ms}"}
