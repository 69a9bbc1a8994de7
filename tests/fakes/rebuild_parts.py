"""What a rebuild reads and writes, in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.marks import Mark, mark_of
from shared.application.rebuild.ports import LogPlace
from shared.application.rebuild.progress import RebuildProgress
from shared.contracts.documents import ViewDocument
from shared.contracts.envelope import parse_envelope
from tests.fakes.view_store import FakeViewStore


class FakeEventLog:
    """An `EventArchive` that gets events when a test says so."""

    def __init__(self) -> None:
        self.events: list[ReceivedEvent] = []

    def take(self, event: ReceivedEvent) -> None:
        envelope = parse_envelope(event.body)
        archived = ReceivedEvent(
            body=event.body, partition=envelope.partitionkey, position=envelope.sequence, published=None
        )
        if archived not in self.events:
            self.events.append(archived)

    def page(self, *, after: LogPlace, limit: int) -> Sequence[ReceivedEvent]:
        return self._ordered(after)[:limit]

    def stream(self, stream_id: str, *, after: int, limit: int) -> Sequence[ReceivedEvent]:
        found = self._ordered(LogPlace(stream_id, after))
        return [event for event in found if event.partition == stream_id][:limit]

    def about(self) -> int:
        return len(self.events)

    def _ordered(self, after: LogPlace) -> list[ReceivedEvent]:
        found = sorted(self.events, key=_place)
        return [event for event in found if _place(event) > after]


def _place(event: ReceivedEvent) -> LogPlace:
    return LogPlace(event.partition, event.position)


class FakeRebuildJournal:
    """One document."""

    def __init__(self) -> None:
        self.stored = RebuildProgress()

    def read(self) -> RebuildProgress:
        return self.stored

    def replace(self, progress: RebuildProgress) -> bool:
        if progress.rev != self.stored.rev + 1:
            return False
        self.stored = progress
        return True


@dataclass
class FakeGenerations:
    """The stores of all generations, as their marks and as their collections."""

    stores: dict[int, FakeViewStore] = field(default_factory=dict[int, FakeViewStore])

    def store(self, generation: int) -> FakeViewStore:
        return self.stores.setdefault(generation, FakeViewStore())

    def pages(self, model: type[ViewDocument], *, generation: int, size: int) -> Iterator[Sequence[Mark]]:
        there = sorted(self.documents(model, generation))
        for first in range(0, len(there), size):
            found = self.documents(model, generation)
            yield [mark_of(found[identity]) for identity in there[first : first + size] if identity in found]

    def of(self, model: type[ViewDocument], ids: Collection[str], *, generation: int) -> Mapping[str, Mark]:
        documents = self.documents(model, generation)
        return {identity: mark_of(documents[identity]) for identity in ids if identity in documents}

    def documents(self, model: type[ViewDocument], generation: int) -> dict[str, ViewDocument]:
        return self.stores[generation].views.get(model.view, {}) if generation in self.stores else {}

    def prepare(self, generation: int) -> None:
        self.store(generation)

    def present(self) -> set[int]:
        return set(self.stores)

    def drop(self, generation: int) -> None:
        self.stores.pop(generation, None)
