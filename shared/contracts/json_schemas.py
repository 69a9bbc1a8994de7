"""The JSON Schemas of what is published: one for each event's data, and one for the envelope around it.

A schema says what the writer writes, so that a consumer may rely on it: whatever is always there is required. Fields
that a schema does not know are allowed, because consumers ignore them.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from shared.contracts.envelope import SequencedEnvelope, schema_path
from shared.contracts.events import PUBLISHED_EVENTS, EventData
from shared.contracts.wire import WireModel

ENVELOPE_PATH = "/schemas/envelope.json"
"""The relative URI of the envelope's schema."""

_ANNOTATIONS = frozenset({"$id", "$schema", "title", "description"})


class UntitledFields(GenerateJsonSchema):
    """Gives fields no title: their names say it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        del schema
        return False


class WrittenFields(UntitledFields):
    """Requires what is always written: every field but those that default to nothing."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: FBT001 the library's signature
    ) -> bool:
        """Whether the field is in every text that is written."""
        del total
        schema = field["schema"]
        return schema["type"] != "default" or schema.get("default") is not None


def event_schema(event: type[EventData]) -> dict[str, Any]:
    """The schema of an event's data. Its `$id` is what the envelope's `dataschema` says."""
    return _schema(event, path=schema_path(event.wire_type))


def envelope_schema() -> dict[str, Any]:
    """The schema of the envelope, whatever its data."""
    return _schema(SequencedEnvelope, path=ENVELOPE_PATH)


def published_schemas(events: Iterable[type[EventData]] = PUBLISHED_EVENTS) -> dict[str, dict[str, Any]]:
    """The schema of each event, and of the envelope, by the relative URI that is its `$id`."""
    schemas = [*map(event_schema, events), envelope_schema()]
    return {schema["$id"]: schema for schema in schemas}


def document_text(document: dict[str, Any]) -> str:
    """A published document as its file holds it and as it is served."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def meaning_digest(schema: dict[str, Any]) -> str:
    """A digest of what a schema demands. Titles and descriptions explain it and are no part of it."""
    text = json.dumps(_meaning(schema, names=False), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _schema(model: type[WireModel], *, path: str) -> dict[str, Any]:
    schema = model.model_json_schema(mode="serialization", schema_generator=WrittenFields)
    return {"$schema": WrittenFields.schema_dialect, "$id": path, **schema}


def _meaning(schema: Any, *, names: bool) -> Any:
    """A schema without annotations. Below `properties` keys are the names of fields, which may be any word."""
    if isinstance(schema, list):
        return [_meaning(item, names=False) for item in schema]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _meaning(value, names=not names and key in {"properties", "$defs"})
        for key, value in schema.items()  # pyright: ignore[reportUnknownVariableType]
        if names or key not in _ANNOTATIONS
    }
