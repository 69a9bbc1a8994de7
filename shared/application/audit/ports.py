"""What the audit reads. Nothing here writes, so that an audit can be run by whoever may read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.application.audit.records import (
    AggregateKey,
    ReportingRecord,
    RowState,
    UnreadableDocument,
    WriteRecord,
)
from shared.application.projections.ports import Document


class StationUnreadableError(Exception):
    """A part can't be read, so that nothing can be said about it."""

    def __init__(self, station: str, reason: str) -> None:
        super().__init__(f"{station} can't be read: {reason}")
        self.station = station
        self.reason = reason


class WriteReader(Protocol):
    """The write database. Every method raises StationUnreadableError."""

    def streams_after(self, stream_id: str, *, limit: int) -> list[tuple[str, int]]:
        """The next streams in the order of their ids, each with its last sequence."""
        ...

    def last_sequences(self, stream_ids: Collection[str]) -> dict[str, int]:
        """The last sequences of those of these streams that exist."""
        ...

    def read(self, stream_ids: Collection[str]) -> dict[str, WriteRecord]:
        """Everything about these streams; what waits is read *after* the messages. Unknown ones are left out."""
        ...

    def rows(self, keys: Collection[AggregateKey]) -> dict[AggregateKey, RowState]:
        """Those of these aggregates' business rows that there are."""
        ...


class ReportingReader(Protocol):
    """The reporting database. Every method raises StationUnreadableError."""

    def streams_after(self, stream_id: str, *, limit: int) -> list[str]:
        """The next streams of EventLog in the order of their ids."""
        ...

    def read(self, stream_ids: Collection[str]) -> dict[str, ReportingRecord]:
        """Everything about these streams; facts are read *before* the log, with the log's end at that moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEvent:
    """A record of a hub. `position` is its sequence number in its partition, from 0."""

    partition: int
    position: int
    enqueued_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionEnd:
    """How far a partition has been read: to before the position `next`.

    `kept_since` is the moment before which the hub has dropped what it had; None if it still has everything.
    """

    next: int
    kept_since: datetime | None


class HubReader(Protocol):
    """One hub."""

    def read(self, *, start: Mapping[int, int], take: Callable[[HubEvent], None]) -> dict[int, PartitionEnd]:
        """Give every event from a position on (0 where none is named) to each partition's end as it is now.

        Events of a partition come in its order.

        Raises:
            StationUnreadableError: it does not answer, or does not give all that it says it has.
            PartitionMismatchError: it has another number of partitions than its lanes are spread over.
        """
        ...


class ViewReader(Protocol):
    """The views. Every method raises StationUnreadableError."""

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document | UnreadableDocument]:
        """The documents that there are, by id."""
        ...

    def ids_after(self, model: type[Document], identity: str, *, limit: int) -> Sequence[str]:
        """The ids of the next documents in the order of their ids."""
        ...
