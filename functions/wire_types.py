"""Types that are stricter about their text than the libraries': one way to write an id, one way to write a time."""

import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def canonical_uuid(text: object) -> UUID | None:
    """The UUID that a text of 8-4-4-4-12 hexadecimal digits names; None for anything else."""
    return UUID(text) if isinstance(text, str) and _UUID.fullmatch(text) else None


def rfc3339_moment(text: object) -> datetime | None:
    """The moment that an RFC 3339 text names, in UTC; None if it names none that Python's calendar has."""
    if not isinstance(text, str) or not _RFC_3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _uuid(value: object) -> UUID:
    found = canonical_uuid(value)
    if found is None:
        raise PydanticCustomError("uuid", "must be a UUID such as 3f2c9a4e-8d1b-4c57-9e0a-6b7d1f2a3c4d")
    return found


def _moment(value: object) -> datetime:
    found = rfc3339_moment(value)
    if found is None:
        raise PydanticCustomError("time", "must be a time with a zone such as 2026-12-01T19:30:00Z")
    return found


WireUuid = Annotated[UUID, PlainValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
WireTime = Annotated[
    datetime, PlainValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
