"""What is read for a look at the pipeline, besides the outbox's status."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from shared.application.outbox.status import Tally
from shared.application.pipeline.pipeline import CacheCounts, DeliveredEvent, ViewGaps
from shared.contracts.documents import ViewDocument


class DeliveredEvents(Protocol):
    """The outbox."""

    def newest(self, *, most: int) -> Sequence[DeliveredEvent]:
        """Those of the newest events that the hub of all events has, in the order of the outbox.

        Raises:
            OutboxStoreUnavailableError: the database can't answer.
        """
        ...


class ViewProgress(Protocol):
    """The views. Every method raises StationUnreadableError."""

    def newest_sequences(self, showtime_ids: Collection[str]) -> Mapping[str, int]:
        """Of each of these showtimes that has a document the newest event that is in it, gaps or not."""
        ...

    def versions(self, model: type[ViewDocument], ids: Collection[str]) -> Mapping[str, int]:
        """The version of each of these documents that there are."""
        ...

    def gaps(self) -> ViewGaps:
        """The showtimes with gaps, young ones too, counted up to a limit."""
        ...

    def parked(self) -> Tally:
        """The events that could not be projected, counted up to a limit."""
        ...


class CacheCounters(Protocol):
    """The cache."""

    def counts(self) -> CacheCounts:
        """What the read service has counted.

        Raises:
            StationUnreadableError: the cache does not answer.
        """
        ...
