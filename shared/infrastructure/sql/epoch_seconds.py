"""A moment as a number, so that days, hours and durations are whole-number arithmetic, the same on all databases."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class EpochSeconds(FunctionElement[int]):
    """The whole seconds from 1970-01-01 00:00 UTC to the function's one argument; a fraction is cut off."""

    type = BigInteger()
    inherit_cache = True


def epoch_seconds(column: ColumnElement[datetime] | ColumnElement[datetime | None]) -> EpochSeconds:
    """The whole seconds from 1970-01-01 00:00 UTC to a column's moment."""
    return EpochSeconds(column)


@compiles(EpochSeconds, "sqlite")
def _sqlite(element: EpochSeconds, compiler: SQLCompiler, **options: Any) -> str:
    """Without the fraction, which SQLite would round to milliseconds, and so into the next second."""
    return f"CAST(strftime('%s', substr({compiler.process(element.clauses, **options)}, 1, 19)) AS INTEGER)"


@compiles(EpochSeconds, "postgresql")
def _postgresql(element: EpochSeconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)})) AS BIGINT)"


@compiles(EpochSeconds, "mssql")
def _sql_server(element: EpochSeconds, compiler: SQLCompiler, **options: Any) -> str:
    """The number of second marks that are passed: a 64-bit one, since 32 bits of seconds end in 2038."""
    return f"DATEDIFF_BIG(second, '1970-01-01', {compiler.process(element.clauses, **options)})"
