"""Messages of the MongoDB wire protocol as bytes."""

import struct
from typing import Any, NamedTuple

from local.mongo.documents import MalformedDocumentError, decode, decode_all, encode

_HEADER = struct.Struct("<iiii")
_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013
_CHECKSUM_PRESENT, _MORE_TO_COME = 1, 2
_KIND_BODY, _KIND_SEQUENCE = 0, 1
HEADER_BYTES = _HEADER.size
MAX_MESSAGE_BYTES = 48 * 1024 * 1024


class MalformedMessageError(Exception):
    """The peer sent what is not the wire protocol."""


class Message(NamedTuple):
    """A request: its command, and whether the peer wants an answer, and in which form."""

    request_id: int
    command: dict[str, Any]
    legacy: bool
    wants_answer: bool


def message_length(header: bytes) -> int:
    """How many bytes follow the header.

    Raises:
        MalformedMessageError: the length is impossible.
    """
    length = _HEADER.unpack(header)[0]
    if not HEADER_BYTES < length <= MAX_MESSAGE_BYTES:
        raise MalformedMessageError(f"a message of {length} bytes")
    return length - HEADER_BYTES


def parse(header: bytes, body: bytes) -> Message:
    """Decode a request.

    Raises:
        MalformedMessageError: the bytes are no request.
    """
    _, request_id, _, opcode = _HEADER.unpack(header)
    try:
        if opcode == _OP_MSG:
            flags = struct.unpack_from("<I", body)[0]
            end = len(body) - 4 if flags & _CHECKSUM_PRESENT else len(body)
            return Message(request_id, _sections(body[4:end]), False, not flags & _MORE_TO_COME)  # noqa: FBT003 # fields of the tuple
        if opcode == _OP_QUERY:
            start = body.index(b"\0", 4) + 1 + 8
            return Message(request_id, decode(body[start:]), True, True)  # noqa: FBT003 # fields of the tuple
    except (ValueError, IndexError, struct.error, MalformedDocumentError) as error:
        raise MalformedMessageError(repr(error)) from error
    raise MalformedMessageError(f"opcode {opcode} is not implemented")


def _sections(data: bytes) -> dict[str, Any]:
    command: dict[str, Any] = {}
    position = 0
    while position < len(data):
        kind = data[position]
        size = struct.unpack_from("<i", data, position + 1)[0]
        section = data[position + 1 : position + 1 + size]
        if kind == _KIND_BODY:
            command = {**decode(section), **command}
        elif kind == _KIND_SEQUENCE:
            name_end = section.index(b"\0", 4)
            command[section[4:name_end].decode()] = decode_all(section[name_end + 1 :])
        else:
            raise MalformedMessageError(f"section kind {kind}")
        position += 1 + size
    return command


def render(reply: dict[str, Any], *, to: Message) -> bytes:
    """Encode an answer in the form of its request."""
    document = encode(reply)
    if to.legacy:
        body = struct.pack("<iqii", 8, 0, 0, 1) + document
        opcode = _OP_REPLY
    else:
        body = struct.pack("<IB", 0, _KIND_BODY) + document
        opcode = _OP_MSG
    return _HEADER.pack(HEADER_BYTES + len(body), 0, to.request_id, opcode) + body
