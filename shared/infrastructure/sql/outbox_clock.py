"""The database's clock, the only one that leases and next attempts are judged by."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from shared.infrastructure.sql.types import UtcDateTime


class DatabaseNow(FunctionElement[datetime]):
    """The moment at which the statement runs, not the one at which its transaction began."""

    type = UtcDateTime()
    inherit_cache = True


class DatabaseNowPlus(FunctionElement[datetime]):
    """A moment some milliseconds from now, the function's one argument."""

    type = UtcDateTime()
    inherit_cache = True


def seconds_from_now(seconds: float) -> DatabaseNowPlus:
    """A moment this many seconds from now, by the database's clock."""
    return DatabaseNowPlus(literal(round(seconds * 1000), Integer))


@compiles(DatabaseNow, "sqlite")
def _now_sqlite(_element: DatabaseNow, _compiler: SQLCompiler, **_options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(DatabaseNow, "postgresql")
def _now_postgresql(_element: DatabaseNow, _compiler: SQLCompiler, **_options: Any) -> str:
    return "clock_timestamp()"


@compiles(DatabaseNow, "mssql")
def _now_sql_server(_element: DatabaseNow, _compiler: SQLCompiler, **_options: Any) -> str:
    return "SYSUTCDATETIME()"


@compiles(DatabaseNowPlus, "sqlite")
def _plus_sqlite(element: DatabaseNowPlus, compiler: SQLCompiler, **options: Any) -> str:
    milliseconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({milliseconds} / 1000.0) || ' seconds')"


@compiles(DatabaseNowPlus, "postgresql")
def _plus_postgresql(element: DatabaseNowPlus, compiler: SQLCompiler, **options: Any) -> str:
    milliseconds = compiler.process(element.clauses, **options)
    return f"clock_timestamp() + make_interval(secs => {milliseconds} / 1000.0)"


@compiles(DatabaseNowPlus, "mssql")
def _plus_sql_server(element: DatabaseNowPlus, compiler: SQLCompiler, **options: Any) -> str:
    milliseconds = compiler.process(element.clauses, **options)
    return f"DATEADD(millisecond, {milliseconds}, SYSUTCDATETIME())"
