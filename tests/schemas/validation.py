"""A small JSON Schema validator (2020-12): the keywords that our own documents use, and a refusal of all others.

It does not share code with what generates the schemas, and checks formats, which the standard leaves open.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

Problems = Iterator[str]

ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default", "examples"}
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
FORMATS: dict[str, Callable[[str], object]] = {
    "uuid": UUID,
    "date": date.fromisoformat,
    "date-time": lambda text: datetime.fromisoformat(text).utcoffset().total_seconds(),  # pyright: ignore[reportOptionalMemberAccess]
    "uri-reference": urlsplit,
    "int32": lambda _: None,
}


class UnknownKeywordError(Exception):
    """A schema uses what this validator does not know, so that it would prove nothing."""


@dataclass(frozen=True)
class Schemas:
    """Documents by their names, which may refer to each other as `./name`; one of them is the current one."""

    documents: Mapping[str, Any]
    current: str

    def problems(self, value: Any, schema: Any, at: str = "$") -> Problems:
        """What is wrong with a value."""
        if isinstance(schema, bool):
            if not schema:
                yield f"{at} is not allowed"
            return
        for keyword, demand in schema.items():
            if keyword not in ANNOTATIONS:
                check = KEYWORDS.get(keyword)
                if check is None:
                    raise UnknownKeywordError(keyword)
                yield from check(self, value, demand, schema, at)

    def resolved(self, reference: str) -> tuple["Schemas", Any]:
        """The schema that a reference names, and the documents as seen from there."""
        name, _, pointer = reference.partition("#")
        there = replace(self, current=name.removeprefix("./")) if name else self
        found = there.documents[there.current]
        for step in pointer.split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return there, found


def _type(_: Schemas, value: Any, demand: str, __: Any, at: str) -> Problems:
    if not TYPES[demand](value):
        yield f"{at} is no {demand}"


def _format(_: Schemas, value: Any, demand: str, __: Any, at: str) -> Problems:
    if isinstance(value, str):
        try:
            FORMATS[demand](value)
        except (ValueError, AttributeError):
            yield f"{at} is no {demand}"


def _enum(_: Schemas, value: Any, demand: list[Any], __: Any, at: str) -> Problems:
    if value not in demand:
        yield f"{at} is none of {demand}"


def _const(_: Schemas, value: Any, demand: Any, __: Any, at: str) -> Problems:
    if value != demand:
        yield f"{at} is not {demand!r}"


def _bound(_: Schemas, value: Any, demand: float, __: Any, at: str) -> Problems:
    if isinstance(value, int | float) and value < demand:
        yield f"{at} is below {demand}"


def _upper_bound(_: Schemas, value: Any, demand: float, __: Any, at: str) -> Problems:
    if isinstance(value, int | float) and value > demand:
        yield f"{at} is above {demand}"


def _length(_: Schemas, value: Any, demand: int, __: Any, at: str) -> Problems:
    if isinstance(value, Sized) and len(value) < demand:
        yield f"{at} is shorter than {demand}"


def _pattern(_: Schemas, value: Any, demand: str, __: Any, at: str) -> Problems:
    if isinstance(value, str) and not re.search(demand, value):
        yield f"{at} does not match {demand}"


def _required(_: Schemas, value: Any, demand: list[str], __: Any, at: str) -> Problems:
    if isinstance(value, dict):
        yield from (f"{at}.{name} is missing" for name in demand if name not in value)


def _properties(schemas: Schemas, value: Any, demand: dict[str, Any], _: Any, at: str) -> Problems:
    if isinstance(value, dict):
        for name in demand.keys() & value.keys():
            yield from schemas.problems(value[name], demand[name], f"{at}.{name}")


def _additional(schemas: Schemas, value: Any, demand: Any, schema: Any, at: str) -> Problems:
    if isinstance(value, dict):
        for name in value.keys() - schema.get("properties", {}).keys():
            yield from schemas.problems(value[name], demand, f"{at}.{name}")


def _items(schemas: Schemas, value: Any, demand: Any, _: Any, at: str) -> Problems:
    if isinstance(value, list):
        for place, item in enumerate(cast("list[Any]", value)):
            yield from schemas.problems(item, demand, f"{at}[{place}]")


def _reference(schemas: Schemas, value: Any, demand: str, _: Any, at: str) -> Problems:
    there, schema = schemas.resolved(demand)
    yield from there.problems(value, schema, at)


def _all_of(schemas: Schemas, value: Any, demand: list[Any], _: Any, at: str) -> Problems:
    for schema in demand:
        yield from schemas.problems(value, schema, at)


def _any_of(schemas: Schemas, value: Any, demand: list[Any], _: Any, at: str) -> Problems:
    failures = [list(schemas.problems(value, schema, at)) for schema in demand]
    if all(failures):
        yield f"{at} fits none of {failures}"


def _one_of(schemas: Schemas, value: Any, demand: list[Any], _: Any, at: str) -> Problems:
    failures = [list(schemas.problems(value, schema, at)) for schema in demand]
    if failures.count([]) != 1:
        yield f"{at} does not fit exactly one of {failures}"


KEYWORDS: dict[str, Callable[[Schemas, Any, Any, Any, str], Problems]] = {
    "type": _type,
    "format": _format,
    "enum": _enum,
    "const": _const,
    "minimum": _bound,
    "maximum": _upper_bound,
    "minItems": _length,
    "minLength": _length,
    "pattern": _pattern,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "$ref": _reference,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
}
