"""Row locks, in the words of each database. SQLite needs none: a writer there is alone."""

from typing import Any, TypeVar

from sqlalchemy import Select, Table

Query = TypeVar("Query", bound=Select[Any])


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
