"""What is remembered of a hub while it is read.

Of each event 12 bytes are kept, its sequence and a digest of its body, and of each stream that the hub has some
lists that are nearly always empty: 10⁷ events of 10⁵ streams take about 200 MB. Bodies are not kept.
"""

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from shared.application.audit.ports import HubEvent, PartitionEnd
from shared.application.outbox.lanes import lane_of
from shared.contracts.personal_data import without_personal_data

MOST_FOREIGN = 100
"""How many records that are no events of ours are remembered; the rest is counted."""


@dataclass(slots=True)
class StreamTally:
    """What a hub has of a stream, on the partition where it belongs but for `misplaced`."""

    sequences: "array[int]" = field(default_factory=lambda: array("I"))
    digests: "array[int]" = field(default_factory=lambda: array("Q"))
    first: int = 0
    """The sequence that was met first."""
    repeats: int = 0
    late: list[int] = field(default_factory=list[int])
    """Those that were met for the first time after a later one."""
    changed: list[int] = field(default_factory=list[int])
    """Those that were repeated with another body."""
    replay_from: int = 0
    replayed: int = 0
    """The last one of a replay that runs: the stream from a late one on, once more and in its order."""
    misplaced: dict[int, int] = field(default_factory=dict[int, int])
    """The partition of those that are on another one."""

    def take(self, sequence: int, *, digest: int) -> None:
        """Note an occurrence."""
        place = bisect_left(self.sequences, sequence)
        if place < len(self.sequences) and self.sequences[place] == sequence:
            self.repeats += 1
            if self.digests[place] != digest:
                self.changed.append(sequence)
            self._follow_replay(place)
            return
        if not self.sequences:
            self.first = sequence
        elif place < len(self.sequences):
            self.late.append(sequence)
            if not self._continues_replay(place):
                self.replay_from = sequence
            self.replayed = sequence
        self.sequences.insert(place, sequence)
        self.digests.insert(place, digest)

    def _follow_replay(self, place: int) -> None:
        """What was late is mended when everything behind it has come once more, in order, up to the newest."""
        sequence = self.sequences[place]
        if sequence in self.late:
            self.replay_from = sequence
        elif not self._continues_replay(place):
            self.replayed = 0
            return
        self.replayed = sequence
        if place == len(self.sequences) - 1:
            self.late = [late for late in self.late if late < self.replay_from]
            self.replayed = 0

    def _continues_replay(self, place: int) -> bool:
        return self.replayed > 0 and place > 0 and self.sequences[place - 1] == self.replayed

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Each sequence that is there with the digest of its body."""
        return zip(self.sequences, self.digests, strict=True)


class HubTally:
    """What has been met in a hub so far."""

    def __init__(self, *, partitions: int) -> None:
        self.partitions = partitions
        self.streams: dict[str, StreamTally] = {}
        self.read = 0
        self.foreign: list[str] = []
        self.foreign_count = 0
        self._ends: dict[int, PartitionEnd] = {}

    def take(self, event: HubEvent) -> None:
        """Note a record."""
        self.read += 1
        try:
            envelope: dict[str, Any] = json.loads(event.body)
            stream_id, sequence = str(envelope["partitionkey"]), int(envelope["sequence"])
            known = self.streams.setdefault(stream_id, StreamTally()) if sequence > 0 else None
        except (ValueError, TypeError, LookupError):
            known, stream_id, sequence = None, "", 0
        if known is None:
            self._note_foreign(event)
        elif event.partition != self.partition_of(stream_id):
            known.misplaced[sequence] = event.partition
        else:
            known.take(sequence, digest=digest_of(event.body))

    def reached(self, ends: Mapping[int, PartitionEnd]) -> None:
        """Note how far the partitions have been read."""
        for partition, end in ends.items():
            before = self._ends.get(partition)
            kept_since = end.kept_since or (before.kept_since if before else None)
            self._ends[partition] = replace(end, kept_since=kept_since)

    @property
    def start(self) -> dict[int, int]:
        """The position in each partition from which it is still to be read."""
        return {partition: end.next for partition, end in self._ends.items()}

    def partition_of(self, stream_id: str) -> int:
        """Where a stream's events belong."""
        return lane_of(stream_id) % self.partitions

    def kept_since(self, stream_id: str) -> datetime | None:
        """The moment before which the hub has dropped events of the stream's partition; None if it has all."""
        end = self._ends.get(self.partition_of(stream_id))
        return end.kept_since if end else None

    def _note_foreign(self, event: HubEvent) -> None:
        self.foreign_count += 1
        if len(self.foreign) < MOST_FOREIGN:
            self.foreign.append(f"partition {event.partition}, sequence number {event.position}")


def digest_of(body: bytes) -> int:
    """64 bits of a body: enough to see a difference, though not to withstand somebody who makes one on purpose.

    Who the customer is does not count: a hub keeps what it was given until its retention is over, and the databases have
    a pseudonym as soon as the customer is forgotten (docs/decisions/0037).
    """
    return int.from_bytes(blake2b(without_personal_data(body), digest_size=8).digest())
