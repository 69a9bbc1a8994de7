"""A projector on fakes, and what it ends with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from shared.application.projections.ports import Clock
from shared.application.projections.project_events import ProjectEvents
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ShowtimeDocument, ViewDocument
from tests.builders.published_events import NOON
from tests.fakes.view_store import FakeFailureParking, FakeViewCache, FakeViewStore


class NoonClock:
    def now(self) -> datetime:
        return NOON


@dataclass
class Projection:
    """One projector with its stores."""

    store: FakeViewStore = field(default_factory=FakeViewStore)
    cache: FakeViewCache = field(default_factory=FakeViewCache)
    parking: FakeFailureParking = field(default_factory=FakeFailureParking)
    clock: Clock = field(default_factory=NoonClock)

    def project(self, *batches: Sequence[ReceivedEvent]) -> "Projection":
        projector = ProjectEvents(store=self.store, cache=self.cache, parking=self.parking, clock=self.clock)
        for batch in batches:
            projector(batch)
        return self

    def documents(self) -> dict[str, dict[str, ViewDocument]]:
        """The views without what says when and how often they were written."""
        return {
            view: {identity: stripped(document) for identity, document in documents.items()}
            for view, documents in self.store.views.items()
        }

    def showtimes(self) -> list[ShowtimeDocument]:
        documents = self.store.views.get(ShowtimeDocument.view, {}).values()
        return [document for document in documents if isinstance(document, ShowtimeDocument)]

    def showtime(self, identity: object) -> ShowtimeDocument:
        return self.store.load(ShowtimeDocument, [str(identity)])[str(identity)]


def stripped(document: ViewDocument) -> ViewDocument:
    return document.model_copy(update={"rev": 0, "passed": None})


def cut(events: Sequence[ReceivedEvent], places: Iterable[int]) -> list[Sequence[ReceivedEvent]]:
    """Events as batches, cut at some places."""
    bounds = [0, *sorted({place % (len(events) + 1) for place in places}), len(events)]
    return [events[start:end] for start, end in pairwise(bounds) if start < end]
