"""The log of one partition: an append-only file of checksummed records.

A record is a header (body length, crc32 of all that follows it, enqueued time, key length), the partition key, and the
encoded message. Appends reach the operating system before they are acknowledged, so that they survive a kill -9. On
opening, a torn last record is cut off; a damaged record anywhere else is refused, since cutting there would drop good ones.
"""

import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

_PREFIX = struct.Struct(">II")
_META = struct.Struct(">qH")


class DamagedLogError(Exception):
    """A record before the last one does not match its checksum."""


class NewRecord(NamedTuple):
    """A message to append."""

    partition_key: bytes
    message: bytes


class Record(NamedTuple):
    """A stored message. `offset` is its position in the file, `enqueued_ms` the milliseconds since the epoch."""

    sequence: int
    offset: int
    enqueued_ms: int
    partition_key: bytes
    message: bytes


class PartitionLog:
    """Appends and reads. Sequence numbers start at 0 and have no gaps; 16 bytes of memory a record."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._offsets = array("Q")
        self._times = array("Q")
        self._end = 0

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or create a log.

        Raises:
            DamagedLogError: a record before the last one is damaged.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        log = cls(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600))
        log._index(path)
        return log

    def _index(self, path: Path) -> None:
        size = os.fstat(self._descriptor).st_size
        while (record_end := self._end_of_record(self._end, size=size)) is not None:
            body = os.pread(self._descriptor, record_end - self._end, self._end)
            if zlib.crc32(body[_PREFIX.size :]) != _PREFIX.unpack_from(body)[1]:
                if record_end < size:
                    raise DamagedLogError(f"{path}: the record at byte {self._end} is damaged")
                break
            self._remember(enqueued_ms=_META.unpack_from(body, _PREFIX.size)[0], end=record_end)
        if self._end < size:
            os.ftruncate(self._descriptor, self._end)

    def _end_of_record(self, start: int, *, size: int) -> int | None:
        """Where the record that starts there ends; None if the file ends before."""
        if start + _PREFIX.size + _META.size > size:
            return None
        length, _ = _PREFIX.unpack(os.pread(self._descriptor, _PREFIX.size, start))
        end = start + _PREFIX.size + length
        return end if end <= size else None

    def _remember(self, *, enqueued_ms: int, end: int) -> None:
        self._offsets.append(self._end)
        self._times.append(enqueued_ms)
        self._end = end

    def __len__(self) -> int:
        return len(self._offsets)

    def append(self, records: Sequence[NewRecord], *, enqueued_ms: int) -> None:
        """Append records, all or none; returns when the operating system has them.

        Raises:
            OSError: they could not be written; nothing of them is kept.
        """
        encoded = [_encode(record, enqueued_ms=enqueued_ms) for record in records]
        block = b"".join(encoded)
        try:
            _write_all(self._descriptor, block)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        for body in encoded:
            self._remember(enqueued_ms=enqueued_ms, end=self._end + len(body))

    def read(self, sequence: int) -> Record:
        """Read one record.

        Raises:
            IndexError: there is none with this sequence number.
        """
        start = self._offsets[sequence]
        end = self._offsets[sequence + 1] if sequence + 1 < len(self) else self._end
        body = os.pread(self._descriptor, end - start, start)
        enqueued_ms, key_length = _META.unpack_from(body, _PREFIX.size)
        key_start = _PREFIX.size + _META.size
        return Record(
            sequence=sequence,
            offset=start,
            enqueued_ms=enqueued_ms,
            partition_key=body[key_start : key_start + key_length],
            message=body[key_start + key_length :],
        )

    def first_at_offset(self, offset: int) -> int:
        """The sequence of the first record at or after a file offset."""
        return bisect_left(self._offsets, offset)

    def first_at_time(self, enqueued_ms: int) -> int:
        """The sequence of the first record enqueued at or after a moment."""
        return bisect_left(self._times, enqueued_ms)

    def last(self) -> Record | None:
        """The newest record."""
        return self.read(len(self) - 1) if len(self) else None

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _encode(record: NewRecord, *, enqueued_ms: int) -> bytes:
    rest = _META.pack(enqueued_ms, len(record.partition_key)) + record.partition_key + record.message
    return _PREFIX.pack(len(rest), zlib.crc32(rest)) + rest


def _write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]
