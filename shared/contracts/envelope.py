"""The envelope of a published event: CloudEvents 1.0 in structured JSON mode.

Source: CloudEvents 1.0.2 and its JSON event format, with the extensions `partitionkey`, `sequence` and
`traceparent`. The outbox stores an envelope *without* its sequence, because the text is rendered before the
stream's lock gives the number; readers splice it in with `with_sequence`.
"""

import json
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, ValidationError

from shared.contracts.wire import UtcTime, WireModel

SOURCE = "/cinema/write-side"
CONTENT_TYPE = "application/cloudevents+json"


class MalformedEventError(Exception):
    """What was received is not one of our envelopes, or its data does not fit its type."""


class Envelope(WireModel):
    """A CloudEvent whose data is still plain JSON. Attribute names are CloudEvents': all lower case."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str = SOURCE
    type: str
    subject: str
    time: UtcTime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    partitionkey: str = Field(description="The id of the stream that the event belongs to")
    traceparent: str | None = None
    data: dict[str, Any]


class SequencedEnvelope(Envelope):
    """An envelope as it is published: with its place in its stream, from 1, without gaps."""

    sequence: int = Field(ge=1)

    @property
    def stream_id(self) -> str:
        """The stream, and so the unit of order: `showtime:<uuid>`, `movie:<id>` or `auditorium:<id>`."""
        return self.partitionkey


def schema_path(wire_type: str) -> str:
    """The relative URI of the JSON Schema of an event type."""
    return f"/schemas/events/{wire_type}.json"


def render_unsequenced(envelope: Envelope) -> str:
    """The envelope's JSON text as the outbox stores it, ending with the brace that `with_sequence` replaces."""
    return envelope.model_dump_json(exclude_none=True, by_alias=False)


def with_sequence(payload: str, *, sequence: int) -> str:
    """Splice a sequence into a stored payload, without parsing it.

    Raises:
        ValueError: the payload is not a JSON object's text.
    """
    if not payload.endswith("}"):
        raise ValueError("a stored payload must be the text of a JSON object")
    return f'{payload[:-1]},"sequence":{sequence}}}'


def without_sequence(body: str, *, sequence: int) -> str:
    """The payload that `with_sequence` made a published body of.

    Raises:
        ValueError: the body does not end with this sequence.
    """
    tail = f',"sequence":{sequence}}}'
    if not body.endswith(tail):
        raise ValueError(f"a published body must end with its sequence {sequence}")
    return f"{body.removesuffix(tail)}}}"


def parse_envelope(body: bytes | str) -> SequencedEnvelope:
    """Read a published envelope.

    Raises:
        MalformedEventError: it is not JSON, or not a CloudEvent of ours.
    """
    try:
        return SequencedEnvelope.model_validate_json(body)
    except ValidationError as error:
        raise MalformedEventError(problems_of(error)) from error


def problems_of(error: ValidationError) -> str:
    """The problems without the values, which may be personal."""
    problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
    return json.dumps(problems)
