"""The journal: every write, in order, each with its checksum, in one append-only file.

A record is the crc32 of a BSON document followed by the document, which starts with its own length. Appends reach the
operating system before a write is acknowledged. On opening, a torn last record is cut off.
"""

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from local.mongo.documents import decode, encode

_HEADER = struct.Struct("<Ii")
_CRC_BYTES = 4


class Journal:
    """Appends entries, and replays those of an earlier run."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = path.open("a+b", buffering=0)

    def replay(self) -> Iterator[dict[str, Any]]:
        """Every whole entry; what follows the last whole one is cut off."""
        content = self._path.read_bytes()
        position = 0
        while position + _HEADER.size <= len(content):
            checksum, length = _HEADER.unpack_from(content, position)
            body = content[position + _CRC_BYTES : position + _CRC_BYTES + length]
            if length < _CRC_BYTES or len(body) < length or zlib.crc32(body) != checksum:
                break
            yield decode(body)
            position += _CRC_BYTES + length
        self._file.truncate(position)

    def append(self, entries: Iterable[dict[str, Any]]) -> None:
        """Append entries; returns when the operating system has them."""
        view = memoryview(b"".join(_encode(entry) for entry in entries))
        while view:
            view = view[self._file.write(view) or 0 :]

    def rewrite(self, entries: Iterable[dict[str, Any]]) -> None:
        """Put entries in place of all that is there, atomically."""
        draft = self._path.with_suffix(".new")
        with draft.open("wb") as file:
            for entry in entries:
                file.write(_encode(entry))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self._file.close()
        self._file = self._path.open("a+b", buffering=0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _encode(entry: dict[str, Any]) -> bytes:
    body = encode(entry)
    return struct.pack("<I", zlib.crc32(body)) + body
