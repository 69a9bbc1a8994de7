"""AMQP messages as bytes: what is stored, what is delivered, and the requests of `$cbs` and `$management`."""

import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from azure.eventhub._pyamqp.types import TYPE, VALUE, AMQPTypes

from local.eventhubs import library
from local.eventhubs.frames import MalformedFrameError
from local.eventhubs.log import Record

BATCH_FORMAT = 0x80013700
_KEY_ANNOTATION = b"x-opt-partition-key"
_SECTION_HEADER, _SECTION_ANNOTATIONS, _VALUE_SECTION = 0x70, 0x72, 0x77

_ANNOTATIONS = struct.Struct(">3sBII")
_SEQUENCE_KEY = b"\xa3\x15x-opt-sequence-number\x81"
_OFFSET_KEY = b"\xa3\x0cx-opt-offset\xa1"
_TIME_KEY = b"\xa3\x13x-opt-enqueued-time\x83"
_PARTITION_KEY = b"\xa3\x13x-opt-partition-key\xa1"


def with_annotations(record: Record) -> bytes:
    """A stored message with the annotations that Event Hubs adds spliced in front."""
    offset = str(record.offset).encode()
    body = b"".join((
        _SEQUENCE_KEY, struct.pack(">q", record.sequence),
        _OFFSET_KEY, bytes((len(offset),)), offset,
        _TIME_KEY, struct.pack(">q", record.enqueued_ms),
    ))  # fmt: skip
    count = 6
    if record.partition_key:
        body += _PARTITION_KEY + bytes((len(record.partition_key),)) + record.partition_key
        count += 2
    return _ANNOTATIONS.pack(b"\x00\x53\x72", 0xD1, len(body) + 4, count) + body + record.message


class IncomingMessage(NamedTuple):
    """A message as it came: its partition key, and its bytes without the sender's own annotations."""

    partition_key: bytes
    encoded: bytes


def split_annotations(encoded: bytes) -> IncomingMessage:
    """Take the sender's annotations off a message; ours go in their place when it is delivered."""
    if len(encoded) < 4 or encoded[2] > _SECTION_ANNOTATIONS:  # noqa: PLR2004 # shorter than any section
        return IncomingMessage(b"", encoded)
    rest = memoryview(encoded)
    kept, key = bytearray(), b""
    while rest and _SECTION_HEADER <= rest[2] <= _SECTION_ANNOTATIONS:
        descriptor, before = rest[2], rest
        rest, value = library.decoders[rest[3]](rest[4:])
        if descriptor == _SECTION_ANNOTATIONS:
            key = bytes(value.get(_KEY_ANNOTATION, b""))
        else:
            kept += before[: len(before) - len(rest)]
    return IncomingMessage(key, bytes(kept + rest))


class Request(NamedTuple):
    """A request on `$cbs` or `$management`."""

    message_id: Any
    properties: dict[bytes, Any]


def parse_request(encoded: bytes) -> Request:
    """Decode a request.

    Raises:
        MalformedFrameError: the bytes are no message.
    """
    decoded = _decode_message(encoded)
    message_id = decoded.properties.message_id if decoded.properties else None
    return Request(message_id, dict(decoded.application_properties or {}))


def batch_messages(encoded: bytes) -> tuple[bytes, list[bytes]]:
    """The partition key of a batch, and the encoded messages in it.

    Raises:
        MalformedFrameError: the bytes are no message.
    """
    decoded = _decode_message(encoded)
    annotations: dict[bytes, Any] = decoded.message_annotations or {}
    return bytes(annotations.get(_KEY_ANNOTATION, b"")), [bytes(item) for item in decoded.data or ()]


def _decode_message(encoded: bytes) -> Any:
    try:
        return library.decode.decode_payload(memoryview(encoded))
    except Exception as failure:  # the library's decoder raises whatever its indexing raises
        raise MalformedFrameError(repr(failure)) from failure


def response_message(
    *, correlation_id: Any, status: int, description: str, value: Mapping[str, Any] | None
) -> bytes:
    """An encoded answer of `$cbs` or `$management`; `value` holds what the `amqp_…` functions make."""
    answer = library.messages.Message(
        properties=library.messages.Properties(correlation_id=correlation_id),
        application_properties={
            "status-code": _typed(AMQPTypes.int, status),
            "status-description": _typed(AMQPTypes.string, description),
        },
    )
    output = bytearray()
    library.encode.encode_payload(output, answer)
    if value is not None:
        items = [(_typed(AMQPTypes.string, key), item) for key, item in value.items()]
        section = (_typed(AMQPTypes.ulong, _VALUE_SECTION), _typed(AMQPTypes.map, items))
        library.encode.encode_value(output, _typed(AMQPTypes.described, section))
    return bytes(output)


def _typed(kind: str, value: Any) -> dict[str, Any]:
    return {TYPE: kind, VALUE: value}


def amqp_text(value: str) -> dict[str, Any]:
    """A string to send."""
    return _typed(AMQPTypes.string, value)


def amqp_long(value: int) -> dict[str, Any]:
    """A 64-bit number to send."""
    return _typed(AMQPTypes.long, value)


def amqp_int(value: int) -> dict[str, Any]:
    """A 32-bit number to send."""
    return _typed(AMQPTypes.int, value)


def amqp_bool(*, value: bool) -> dict[str, Any]:
    """A truth value to send."""
    return _typed(AMQPTypes.boolean, value)


def amqp_time(milliseconds: int) -> dict[str, Any]:
    """A moment to send, in milliseconds since the epoch."""
    return _typed(AMQPTypes.timestamp, milliseconds)


def amqp_texts(values: list[str]) -> dict[str, Any]:
    """An array of strings to send."""
    return _typed(AMQPTypes.array, [amqp_text(value) for value in values])
