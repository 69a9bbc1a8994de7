"""A list of ids as one parameter, so that a statement's text and plan do not depend on how many there are."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, UnicodeText, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class IsAmong(FunctionElement[bool]):
    """Whether its first argument, a column, is in its second, a JSON array of numbers."""

    type = Boolean()
    inherit_cache = True


def is_among(column: ColumnElement[int], ids: Sequence[int]) -> IsAmong:
    """Whether a column's value is one of these ids."""
    return IsAmong(column, literal(json.dumps(list(ids)), UnicodeText))


@compiles(IsAmong, "sqlite")
def _sqlite(element: IsAmong, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = _arguments(element, compiler, **options)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 both are rendered by SQLAlchemy


@compiles(IsAmong, "postgresql")
def _postgresql(element: IsAmong, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = _arguments(element, compiler, **options)
    return f"{column} = ANY (ARRAY(SELECT CAST(jsonb_array_elements_text(CAST({ids} AS jsonb)) AS bigint)))"


@compiles(IsAmong, "mssql")
def _sql_server(element: IsAmong, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = _arguments(element, compiler, **options)
    return f"{column} IN (SELECT CAST(value AS bigint) FROM OPENJSON({ids}))"  # noqa: S608 both are rendered by SQLAlchemy


def _arguments(element: IsAmong, compiler: SQLCompiler, **options: Any) -> list[str]:
    return [compiler.process(argument, **options) for argument in element.clauses]
