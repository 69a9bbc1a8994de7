"""Projections that name the top-level fields to include; every other one is refused."""

from collections.abc import Mapping
from typing import Any

from local.mongo.documents import encode
from local.mongo.errors import not_implemented
from local.mongo.store import Stored


def projected(stored: Stored, projection: Mapping[str, Any]) -> bytes:
    """A document with those of its fields that are asked for, and with its `_id`; all of it where none is asked for.

    Raises:
        CommandError: the projection excludes, reaches into a field, or computes.
    """
    if not projection:
        return stored.encoded
    for field, wanted in projection.items():
        if "." in field or field.startswith("$") or wanted not in (1, True):
            raise not_implemented(f"the projection {field}: {wanted}")
    return encode(
        {name: value for name, value in stored.decoded.items() if name == "_id" or name in projection}
    )
