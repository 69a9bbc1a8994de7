"""One file of a partition's log: checksummed records, one after another.

A record is a header (body length, crc32 of all that follows it, enqueued time, key length), the partition key, and the
encoded message. Appends reach the operating system before they are acknowledged, so that they survive a kill -9. On
opening, a torn last record is cut off; a damaged record anywhere else is refused, since cutting there would drop good ones.

In memory there is the place of every 64th record only; the rest is found by reading on from there.
"""

import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

_PREFIX = struct.Struct(">II")
_META = struct.Struct(">qH")
_HEADER_BYTES = _PREFIX.size + _META.size
_MARK_EVERY = 64
_MOST_RECORDS_BYTES = 4096


class DamagedLogError(Exception):
    """A record before the last one does not match its checksum, or records are missing."""


class NewRecord(NamedTuple):
    """A message to append."""

    partition_key: bytes
    message: bytes


class Record(NamedTuple):
    """A stored message. `offset` is its position in the log, `enqueued_ms` the milliseconds since the epoch."""

    sequence: int
    offset: int
    enqueued_ms: int
    partition_key: bytes
    message: bytes


class Segment:
    """Appends and reads. `first` and `end` are sequence numbers, `start` the offset of the first record in the log."""

    def __init__(self, path: Path, *, first: int, start: int) -> None:
        self.path = path
        self.first = self.end = first
        self.start = start
        self.size = 0
        self.first_ms = self.last_ms = 0
        self.last_offset = -1
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._places = array("Q")
        self._times = array("Q")

    @classmethod
    def open(cls, path: Path, *, first: int, start: int) -> Self:
        """Open or create a segment.

        Raises:
            DamagedLogError: a record before the last one is damaged.
        """
        segment = cls(path, first=first, start=start)
        segment._index()
        return segment

    def _index(self) -> None:
        size = os.fstat(self._descriptor).st_size
        while self.size + _HEADER_BYTES <= size:
            length, checksum = _PREFIX.unpack(os.pread(self._descriptor, _PREFIX.size, self.size))
            end = self.size + _PREFIX.size + length
            if end > size:
                break
            body = os.pread(self._descriptor, length, self.size + _PREFIX.size)
            if zlib.crc32(body) != checksum:
                if end < size:
                    raise DamagedLogError(f"{self.path}: the record at byte {self.size} is damaged")
                break
            self._remember(enqueued_ms=_META.unpack_from(body)[0], length=_PREFIX.size + length)
        if self.size < size:
            os.ftruncate(self._descriptor, self.size)

    def _remember(self, *, enqueued_ms: int, length: int) -> None:
        if (self.end - self.first) % _MARK_EVERY == 0:
            self._places.append(self.size)
            self._times.append(enqueued_ms)
        if self.end == self.first:
            self.first_ms = enqueued_ms
        self.last_offset, self.last_ms = self.start + self.size, enqueued_ms
        self.size += length
        self.end += 1

    def append(self, records: Sequence[NewRecord], *, enqueued_ms: int) -> None:
        """Append records, all or none; returns when the operating system has them.

        Raises:
            OSError: they could not be written; nothing of them is kept.
        """
        encoded = [_encode(record, enqueued_ms=enqueued_ms) for record in records]
        try:
            _write_all(self._descriptor, b"".join(encoded))
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        for record in encoded:
            self._remember(enqueued_ms=enqueued_ms, length=len(record))

    def read(self, sequence: int, *, place: int) -> tuple[Record, int]:
        """The record at a place in the file, which has this sequence number, and the place of the next."""
        content = os.pread(self._descriptor, _MOST_RECORDS_BYTES, place)
        end = _PREFIX.size + _PREFIX.unpack_from(content)[0]
        if end > len(content):
            content += os.pread(self._descriptor, end - len(content), place + len(content))
        enqueued_ms, key_length = _META.unpack_from(content, _PREFIX.size)
        message_start = _HEADER_BYTES + key_length
        record = Record(
            sequence=sequence,
            offset=self.start + place,
            enqueued_ms=enqueued_ms,
            partition_key=content[_HEADER_BYTES:message_start],
            message=content[message_start:end],
        )
        return record, place + end

    def place_of(self, sequence: int) -> int:
        """Where the record with this sequence number is in the file."""
        return self._walk((sequence - self.first) // _MARK_EVERY, lambda at, _place, _ms: at >= sequence)[1]

    def first_at_offset(self, offset: int) -> int:
        """The sequence number of the first record at or after an offset of the log."""
        wanted = offset - self.start
        mark = bisect_left(self._places, wanted) - 1
        return self._walk(mark, lambda _at, place, _ms: place >= wanted)[0]

    def first_at_time(self, enqueued_ms: int) -> int:
        """The sequence number of the first record enqueued at or after a moment."""
        mark = bisect_left(self._times, enqueued_ms) - 1
        return self._walk(mark, lambda _at, _place, ms: ms >= enqueued_ms)[0]

    def _walk(self, mark: int, found: Callable[[int, int, int], bool]) -> tuple[int, int]:
        """Sequence number and place of the first record from a mark on that is what is looked for, or of the end."""
        mark = max(mark, 0)
        sequence = self.first + mark * _MARK_EVERY
        place = self._places[mark] if mark < len(self._places) else self.size
        while place < self.size:
            header = os.pread(self._descriptor, _HEADER_BYTES, place)
            if found(sequence, place, _META.unpack_from(header, _PREFIX.size)[0]):
                break
            place += _PREFIX.size + _PREFIX.unpack_from(header)[0]
            sequence += 1
        return sequence, place

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def drop(self) -> None:
        """Close the file and delete it."""
        self.close()
        self.path.unlink()


def _encode(record: NewRecord, *, enqueued_ms: int) -> bytes:
    rest = _META.pack(enqueued_ms, len(record.partition_key)) + record.partition_key + record.message
    return _PREFIX.pack(len(rest), zlib.crc32(rest)) + rest


def _write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]
