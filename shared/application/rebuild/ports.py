"""What a rebuild needs from outside, beside the projector and the directory of generations."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.marks import Mark
from shared.application.rebuild.progress import RebuildProgress
from shared.contracts.documents import ViewDocument


class LogPlace(NamedTuple):
    """A place in EventLog's order by stream and sequence: behind this event."""

    stream_id: str
    sequence: int


BEGINNING = LogPlace("", 0)


class EventArchive(Protocol):
    """EventLog, stream by stream. The `partition` of its events is their stream, their `position` the sequence.

    Every method raises StationUnreadableError.
    """

    def page(self, *, after: LogPlace, limit: int) -> Sequence[ReceivedEvent]:
        """The next events in the order of stream and sequence, up to twice the limit; none at the end."""
        ...

    def stream(self, stream_id: str, *, after: int, limit: int) -> Sequence[ReceivedEvent]:
        """The next events of one stream."""
        ...

    def about(self) -> int:
        """About how many events there are."""
        ...


class GenerationMarks(Protocol):
    """How far the documents of a generation have got. Every method raises ViewStoreUnavailableError."""

    def pages(self, model: type[ViewDocument], *, generation: int, size: int) -> Iterator[Sequence[Mark]]:
        """Every document that is there at the beginning, page by page; each page is read when it is asked for, or before."""
        ...

    def of(self, model: type[ViewDocument], ids: Collection[str], *, generation: int) -> Mapping[str, Mark]:
        """Those of these documents that there are, by id."""
        ...


class GenerationCollections(Protocol):
    """The collections of generations. Every method raises ViewStoreUnavailableError."""

    def prepare(self, generation: int) -> None:
        """Make its collections and indexes where they are missing."""
        ...

    def present(self) -> set[int]:
        """The generations of which there is any collection."""
        ...

    def drop(self, generation: int) -> None:
        """Drop its collections, as far as they are there."""
        ...


class RebuildJournal(Protocol):
    """Where a rebuild keeps its progress. Every method raises ViewStoreUnavailableError."""

    def read(self) -> RebuildProgress:
        """The progress, of whichever rebuild."""
        ...

    def replace(self, progress: RebuildProgress) -> bool:
        """Put it in place of the one whose `rev` is one less; answers whether that was there."""
        ...
