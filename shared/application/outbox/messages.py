"""What enters the outbox, and what leaves it.

    OutboxMessageError
    ├── EventTooLargeError        the payload is over the limit that every sink can carry
    ├── PayloadNotJsonError       the payload is not the text of a JSON object
    └── NoSinkError               it concerns no sink, so that nobody would ever get it

All are raised before the insert, so that nothing that a sink must refuse is ever committed.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.envelope import Envelope, render_unsequenced, with_sequence

MAX_PAYLOAD_BYTES = 900 * 1024
"""Event Hubs takes 1 MiB with framing; the sequence is spliced in later."""


class OutboxMessageError(Exception):
    """A message can't be put into the outbox."""


class EventTooLargeError(OutboxMessageError):
    """An event's payload has more bytes than a sink can carry."""

    def __init__(self, event_id: UUID, *, size: int, limit: int = MAX_PAYLOAD_BYTES) -> None:
        super().__init__(f"event {event_id} has {size} bytes, the limit is {limit}")
        self.event_id = event_id
        self.size = size
        self.limit = limit


class PayloadNotJsonError(OutboxMessageError):
    """An event's payload is not the text of a JSON object."""

    def __init__(self, event_id: UUID) -> None:
        super().__init__(f"the payload of event {event_id} is not the text of a JSON object")
        self.event_id = event_id


class NoSinkError(OutboxMessageError):
    """An event concerns no sink: it would be kept, and never be carried anywhere."""

    def __init__(self, event_id: UUID) -> None:
        super().__init__(f"event {event_id} concerns no sink")
        self.event_id = event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """An event that a command wants published, to the sinks with these names.

    `payload` is its envelope's text, without a sequence.
    """

    event_id: UUID
    stream_id: str
    aggregate_type: str
    aggregate_id: str
    version: int
    type: str
    payload: str
    traceparent: str | None
    occurred_at: datetime
    sinks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A committed event with its place in its stream. `payload` is still without the sequence."""

    id: int
    event_id: UUID
    stream_id: str
    sequence: int
    lane: int
    aggregate_type: str
    aggregate_id: str
    version: int
    type: str
    payload: str
    traceparent: str | None
    occurred_at: datetime

    @property
    def body(self) -> str:
        """The envelope as it is published: with its sequence."""
        return with_sequence(self.payload, sequence=self.sequence)


def message_of(
    envelope: Envelope, *, aggregate_type: str, version: int, sinks: tuple[str, ...]
) -> NewMessage:
    """The message that carries an envelope: its subject is the aggregate, its partition key the stream."""
    return NewMessage(
        event_id=envelope.id,
        stream_id=envelope.partitionkey,
        aggregate_type=aggregate_type,
        aggregate_id=envelope.subject,
        version=version,
        type=envelope.type,
        payload=render_unsequenced(envelope),
        traceparent=envelope.traceparent,
        occurred_at=envelope.time,
        sinks=sinks,
    )


def check_publishable(message: NewMessage) -> None:
    """Make sure that every sink can carry a message.

    Raises:
        EventTooLargeError: its payload is over `MAX_PAYLOAD_BYTES` in UTF-8.
        PayloadNotJsonError: its payload is not the text of a JSON object.
        NoSinkError: it concerns no sink.
    """
    size = len(message.payload.encode())
    if size > MAX_PAYLOAD_BYTES:
        raise EventTooLargeError(message.event_id, size=size)
    if not _is_json_object(message.payload):
        raise PayloadNotJsonError(message.event_id)
    if not message.sinks:
        raise NoSinkError(message.event_id)


def _is_json_object(text: str) -> bool:
    """Whether a text is a JSON object that `with_sequence` can splice into: no space behind its last brace."""
    try:
        return text.endswith("}") and bool(json.loads(text))
    except ValueError:
        return False
