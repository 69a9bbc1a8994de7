"""A list of ids as one parameter, so that a statement's text and plan do not depend on how many there are."""

import json
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, UnicodeText, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _IsAmong(FunctionElement[bool]):
    """Whether the first argument, a column, is in the second, a JSON array."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> Self:
        """It is a condition as it is: SQLAlchemy would compare it with 1, which SQL Server can't parse."""
        del against
        return self


class IsAmongNumbers(_IsAmong):
    """The array is of 64-bit numbers."""

    inherit_cache = True


class IsAmongUuids(_IsAmong):
    """The array is of UUIDs in their usual notation."""

    inherit_cache = True


def number_is_among(column: ColumnElement[int], numbers: Iterable[int]) -> IsAmongNumbers:
    """Whether a column's number is one of these."""
    return IsAmongNumbers(column, literal(json.dumps(list(numbers)), UnicodeText))


def uuid_is_among(column: ColumnElement[UUID], uuids: Iterable[UUID]) -> IsAmongUuids:
    """Whether a column's UUID is one of these."""
    return IsAmongUuids(column, literal(json.dumps([str(uuid) for uuid in uuids]), UnicodeText))


@compiles(IsAmongNumbers, "sqlite")
def _numbers_sqlite(element: IsAmongNumbers, compiler: SQLCompiler, **options: Any) -> str:
    return _render("{column} IN (SELECT value FROM json_each({array}))", element, compiler, options)


@compiles(IsAmongUuids, "sqlite")
def _uuids_sqlite(element: IsAmongUuids, compiler: SQLCompiler, **options: Any) -> str:
    """SQLAlchemy keeps a UUID as 32 digits without hyphens."""
    pattern = "{column} IN (SELECT replace(value, '-', '') FROM json_each({array}))"
    return _render(pattern, element, compiler, options)


@compiles(IsAmongNumbers, "postgresql")
def _numbers_postgresql(element: IsAmongNumbers, compiler: SQLCompiler, **options: Any) -> str:
    return _render(_POSTGRESQL_PATTERN.replace("{type}", "bigint"), element, compiler, options)


@compiles(IsAmongUuids, "postgresql")
def _uuids_postgresql(element: IsAmongUuids, compiler: SQLCompiler, **options: Any) -> str:
    return _render(_POSTGRESQL_PATTERN.replace("{type}", "uuid"), element, compiler, options)


@compiles(IsAmongNumbers, "mssql")
def _numbers_sql_server(element: IsAmongNumbers, compiler: SQLCompiler, **options: Any) -> str:
    return _render(_SQL_SERVER_PATTERN.replace("{type}", "bigint"), element, compiler, options)


@compiles(IsAmongUuids, "mssql")
def _uuids_sql_server(element: IsAmongUuids, compiler: SQLCompiler, **options: Any) -> str:
    return _render(_SQL_SERVER_PATTERN.replace("{type}", "uniqueidentifier"), element, compiler, options)


# ANY over an array, unlike IN over a set, is a condition that PostgreSQL's index scan can take.
_POSTGRESQL_PATTERN = (
    "{column} = ANY (ARRAY(SELECT CAST(jsonb_array_elements_text(CAST({array} AS jsonb)) AS {type})))"
)
_SQL_SERVER_PATTERN = "{column} IN (SELECT CAST(value AS {type}) FROM OPENJSON({array}))"


def _render(pattern: str, element: _IsAmong, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    column, array = (compiler.process(argument, **options) for argument in element.clauses)
    return pattern.format(column=column, array=array)
