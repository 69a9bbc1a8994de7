"""An oracle that reads the emulator's log files by itself: no SDK, no code of the emulator, none of the product.

A record is: body length and crc32 (4 bytes each, big-endian), then the body: enqueued time in milliseconds (8), the
key's length (2), the key, an encoded AMQP message. The message's payload is its data section (0x00 0x53 0x75).
"""

import json
import struct
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DATA_SECTION = b"\x00\x53\x75"
_SHORT, _LONG = 0xA0, 0xB0


@dataclass(frozen=True)
class LoggedEvent:
    """An event in the order in which its partition has it."""

    partition: int
    stream_id: str
    sequence: int
    envelope: dict[str, Any]
    message: bytes
    body: bytes
    enqueued_ms: int


def read_hub(folder: Path) -> list[LoggedEvent]:
    """All whole records of a hub, partition after partition."""
    return [
        _event(int(path.stem), message, enqueued_ms=enqueued_ms)
        for path in sorted(folder.glob("*.log"), key=lambda path: int(path.stem))
        for enqueued_ms, message in _messages(path.read_bytes())
    ]


def sequences_by_stream(events: list[LoggedEvent]) -> dict[str, list[int]]:
    """Every occurrence of every stream, in log order."""
    found: dict[str, list[int]] = defaultdict(list)
    for event in events:
        found[event.stream_id].append(event.sequence)
    return found


def first_occurrences(sequences: list[int]) -> list[int]:
    return list(dict.fromkeys(sequences))


def _messages(log: bytes) -> list[tuple[int, bytes]]:
    """Each with its time in the hub, in milliseconds since the epoch."""
    messages: list[tuple[int, bytes]] = []
    position = 0
    while position + 8 <= len(log):
        length = struct.unpack_from(">I", log, position)[0]
        body = log[position + 8 : position + 8 + length]
        if len(body) < length:
            break
        enqueued_ms, key_length = struct.unpack_from(">qH", body)
        messages.append((enqueued_ms, body[10 + key_length :]))
        position += 8 + length
    return messages


def _event(partition: int, message: bytes, *, enqueued_ms: int) -> LoggedEvent:
    start = message.index(_DATA_SECTION) + len(_DATA_SECTION)
    if message[start] == _SHORT:
        data = message[start + 2 : start + 2 + message[start + 1]]
    else:
        assert message[start] == _LONG
        data = message[start + 5 : start + 5 + struct.unpack_from(">I", message, start + 1)[0]]
    envelope = json.loads(data)
    return LoggedEvent(
        partition, envelope["partitionkey"], envelope["sequence"], envelope, message, data, enqueued_ms
    )
