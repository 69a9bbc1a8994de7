"""What every published model has in common: camelCase names, immutability, and one way to write a time."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel


def rfc3339(moment: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC, with microseconds only where there are any.

    Raises:
        ValueError: the time has no zone, so that it names no moment.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sortable_rfc3339(moment: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC with exactly six decimals, so that text order is time order."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


UtcTime = Annotated[
    AwareDatetime,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment that travels as RFC 3339 in UTC."""

SortableUtcTime = Annotated[
    AwareDatetime, PlainSerializer(sortable_rfc3339, return_type=str, when_used="json")
]
"""A moment that travels as RFC 3339 in UTC with six decimals, for fields that a store sorts by their text."""


class WireModel(BaseModel):
    """A frozen model whose JSON names are camelCase; readers ignore fields that they do not know."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore", ser_json_inf_nan="null"
    )
