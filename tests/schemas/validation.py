"""JSON Schema validation (2020-12) with formats checked, over documents that refer to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_BASE = "https://documents.test/"
_validator = cast(Any, jsonschema).Draft202012Validator
_formats = cast(Any, jsonschema).FormatChecker(formats=())


@_formats.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID(value))


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_formats.checks("uri-reference", raises=ValueError)
def _is_uri_reference(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value))


@dataclass(frozen=True)
class Schemas:
    """Documents by their names, which may refer to each other as `./name`; one of them is the current one."""

    documents: Mapping[str, Any]
    current: str

    def problems(self, value: Any, schema: Any) -> list[str]:
        """What is wrong with a value, by a schema that stands in the current document."""
        validator = _validator(self._absolute(schema), registry=self._registry, format_checker=_formats)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def resolved(self, reference: str) -> tuple["Schemas", Any]:
        """The schema that a reference names, and the documents as seen from there."""
        name, _, pointer = reference.partition("#")
        there = replace(self, current=name.removeprefix("./")) if name else self
        found = there.documents[there.current]
        for step in pointer.split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return there, found

    @cached_property
    def _registry(self) -> Any:
        resources = [
            (_BASE + name, Resource(contents=document, specification=DRAFT202012))
            for name, document in self.documents.items()
        ]
        return cast(Any, Registry)().with_resources(resources)

    def _absolute(self, schema: Any) -> Any:
        """A schema whose references no longer depend on where it stands."""
        if isinstance(schema, list):
            return [self._absolute(item) for item in cast("list[Any]", schema)]
        if not isinstance(schema, dict):
            return schema
        return {
            key: urljoin(_BASE + self.current, value) if key == "$ref" else self._absolute(value)
            for key, value in cast("dict[str, Any]", schema).items()
        }


def check_schema(schema: Any) -> None:
    """Fail for what is no JSON Schema."""
    _validator.check_schema(schema)
