"""The log of one partition: segments, of which retention drops the oldest.

Without a limit on what is kept there is one segment, `N.log`. With one, a full segment is followed by another, named after
its first sequence number and offset, and the oldest are deleted whole, as soon as none of their records need be kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

from local.eventhubs.segment import DamagedLogError, NewRecord, Record, Segment

__all__ = ["KEEP_ALL", "DamagedLogError", "LogReader", "NewRecord", "PartitionLog", "Record", "Retention"]

_SEGMENTS_KEPT = 8
"""How finely retention works: in eighths of what is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What a partition keeps at least, in bytes or in milliseconds of age; None is everything."""

    size: int | None = None
    age_ms: int | None = None

    def is_full(self, segment: Segment, *, now_ms: int) -> bool:
        """Whether the next record belongs into another segment."""
        if segment.end == segment.first:
            return False
        too_large = self.size is not None and segment.size >= self.size // _SEGMENTS_KEPT
        too_old = self.age_ms is not None and now_ms - segment.first_ms >= self.age_ms // _SEGMENTS_KEPT
        return too_large or too_old

    def lets_go(self, segment: Segment, *, later_bytes: int, now_ms: int) -> bool:
        """Whether a segment can go, where later segments have so many bytes."""
        too_much = self.size is not None and later_bytes >= self.size
        too_old = self.age_ms is not None and now_ms - segment.last_ms >= self.age_ms
        return too_much or too_old


KEEP_ALL = Retention()


class PartitionLog:
    """Appends and reads. Sequence numbers start at 0 and have no gaps; `first` is the oldest kept, `end` the next one."""

    def __init__(self, path: Path, *, segments: list[Segment], retention: Retention) -> None:
        self._path = path
        self._segments = segments
        self._retention = retention

    @classmethod
    def open(cls, path: Path, *, retention: Retention = KEEP_ALL) -> Self:
        """Open or create a log.

        Raises:
            DamagedLogError: a record before the last one is damaged, or records are missing.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        later = sorted(path.parent.glob(f"{path.name}.*"))
        places = [(file, *map(int, file.name.rpartition(".")[2].split("-"))) for file in later]
        if path.exists() or not places:
            places.insert(0, (path, 0, 0))
        segments = [Segment.open(file, first=first, start=start) for file, first, start in places]
        for before, after in pairwise(segments):
            if before.end != after.first:
                raise DamagedLogError(f"{before.path} ends before {after.path} begins")
        return cls(path, segments=segments, retention=retention)

    @property
    def first(self) -> int:
        """The sequence number of the oldest record that is kept."""
        return self._segments[0].first

    @property
    def end(self) -> int:
        """The sequence number that the next record will get."""
        return self._segments[-1].end

    @property
    def last_offset(self) -> int:
        """The offset of the newest record; -1 if there has been none."""
        return max(segment.last_offset for segment in self._segments)

    @property
    def last_ms(self) -> int:
        """When the newest record was enqueued, in milliseconds since the epoch; 0 if there has been none."""
        return max(segment.last_ms for segment in self._segments)

    def append(self, records: Sequence[NewRecord], *, enqueued_ms: int) -> None:
        """Append records, all or none; returns when the operating system has them. Then drop what need not be kept.

        Raises:
            OSError: they could not be written; nothing of them is kept.
        """
        newest = self._segments[-1]
        if self._retention.is_full(newest, now_ms=enqueued_ms):
            start = newest.start + newest.size
            path = self._path.with_name(f"{self._path.name}.{newest.end:020}-{start:020}")
            self._segments.append(Segment.open(path, first=newest.end, start=start))
        self._segments[-1].append(records, enqueued_ms=enqueued_ms)
        self._let_go(now_ms=enqueued_ms)

    def _let_go(self, *, now_ms: int) -> None:
        while len(self._segments) > 1:
            later_bytes = sum(segment.size for segment in self._segments[1:])
            if not self._retention.lets_go(self._segments[0], later_bytes=later_bytes, now_ms=now_ms):
                return
            self._segments.pop(0).drop()

    def read(self, sequence: int) -> Record:
        """Read one record.

        Raises:
            IndexError: there is none with this sequence number.
        """
        segment = self.segment_of(sequence)
        return segment.read(sequence, place=segment.place_of(sequence))[0]

    def segment_of(self, sequence: int) -> Segment:
        """The segment that has a record.

        Raises:
            IndexError: there is none with this sequence number.
        """
        for segment in reversed(self._segments):
            if segment.first <= sequence < segment.end:
                return segment
        raise IndexError(sequence)

    def first_at_offset(self, offset: int) -> int:
        """The sequence number of the first record at or after an offset; of what is gone, the first that is left."""
        for segment in reversed(self._segments):
            if segment.start <= offset:
                return segment.first_at_offset(offset)
        return self.first

    def first_at_time(self, enqueued_ms: int) -> int:
        """The sequence number of the first record enqueued at or after a moment."""
        for segment in self._segments:
            if segment.last_ms >= enqueued_ms:
                return segment.first_at_time(enqueued_ms)
        return self.end

    def close(self) -> None:
        """Close the files."""
        for segment in self._segments:
            segment.close()


class LogReader:
    """Reads a log from a sequence number on. What retention has dropped meanwhile is skipped."""

    def __init__(self, log: PartitionLog, *, sequence: int) -> None:
        self._log = log
        self._sequence = sequence
        self._segment: Segment | None = None
        self._place = 0

    def next(self) -> Record | None:
        """The next record; None at the end, to which more may be appended."""
        if self._sequence < self._log.first:
            self._sequence, self._segment = self._log.first, None
        if self._sequence >= self._log.end:
            return None
        if self._segment is None or self._sequence >= self._segment.end:
            self._segment = self._log.segment_of(self._sequence)
            self._place = self._segment.place_of(self._sequence)
        record, self._place = self._segment.read(self._sequence, place=self._place)
        self._sequence += 1
        return record
