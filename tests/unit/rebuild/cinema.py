"""A small cinema under rebuild, in memory: projectors, an archive that lags, a rebuild, and what a client sees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.application.projections.generations import (
    FencedViewStore,
    Knowledge,
    NoViewCache,
    Project,
    ProjectIntoGenerations,
    Target,
)
from shared.application.projections.ports import Document
from shared.application.projections.project_events import ProjectEvents
from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.ports import RebuildJournal
from shared.application.rebuild.rebuild_views import RebuildLimits, RebuildParts, RebuildViews
from shared.contracts.documents import ShowtimeDocument
from shared.contracts.generations import Generations
from tests.builders.published_events import NOON, ShowtimeHistory, auditorium_event, movie_event
from tests.fakes.generations import FakeGenerationDirectory
from tests.fakes.rebuild_parts import FakeEventLog, FakeGenerations, FakeRebuildJournal
from tests.fakes.view_store import FakeFailureParking, FakeViewCache, FakeViewStore
from tests.unit.projections.projection import NoonClock

LIMITS = RebuildLimits(
    batch_events=3, grace_seconds=5, patience_seconds=1e6, watch_seconds=2, write_seconds=1
)


class World:
    """Where nobody else acts, and time passes only while somebody waits."""

    def __init__(self) -> None:
        self.now_seconds: float = 0.0

    def step(self) -> None:
        """Others may act."""

    def pause(self, seconds: float) -> None:
        """Wait."""
        self.now_seconds += seconds
        self.step()

    def monotonic(self) -> float:
        return self.now_seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.now_seconds)


class SteppingDirectory(FakeGenerationDirectory):
    """Others may act before each look, and before each replacement."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def read(self) -> Generations:
        self._world.step()
        return super().read()

    def replace(self, generations: Generations) -> bool:
        self._world.step()
        return super().replace(generations)


class SteppingStore(FencedViewStore):
    """Others may act before each save, but not between its look at its knowledge's age and the write."""

    def __init__(self, store: FakeViewStore, *, knowledge: Knowledge, world: World) -> None:
        super().__init__(store, knowledge=knowledge)
        self._world = world

    def save(self, documents: Sequence[Document]) -> set[str]:
        self._world.step()
        return super().save(documents)


@dataclass
class RebuiltCinema:
    """In a world in which others act, or nobody else."""

    world: World = field(default_factory=World)
    log: FakeEventLog = field(default_factory=FakeEventLog)
    generations: FakeGenerations = field(default_factory=FakeGenerations)
    journal: RebuildJournal = field(default_factory=FakeRebuildJournal)
    caches: dict[int, FakeViewCache] = field(default_factory=dict[int, FakeViewCache])
    parking: FakeFailureParking = field(default_factory=FakeFailureParking)
    told: list[str] = field(default_factory=list[str])
    directory: SteppingDirectory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = SteppingDirectory(self.world)

    def projector(self) -> Project:
        """The projector of a process."""
        return ProjectIntoGenerations(
            self.directory, projector_of=self.projector_of, monotonic=self.world.monotonic
        )

    def projector_of(self, target: Target, knowledge: Knowledge) -> ProjectEvents:
        cache = self.caches.setdefault(target.generation, FakeViewCache())
        store = self.generations.store(target.generation)
        return ProjectEvents(
            store=SteppingStore(store, knowledge=knowledge, world=self.world),
            cache=cache if target.cached else NoViewCache(),
            parking=self.parking,
            clock=NoonClock(),
        )

    def rebuild(self, *, limits: RebuildLimits = LIMITS) -> RebuildViews:
        """A rebuild as a process of its own."""
        parts = RebuildParts(
            directory=self.directory,
            journal=self.journal,
            archive=self.log,
            marks=self.generations,
            collections=self.generations,
            projector_of=self.projector_of,
            clock=self.world,
            pause=self.world.pause,
            monotonic=self.world.monotonic,
        )
        return RebuildViews(parts, limits=limits, tell=self._tell)

    def _tell(self, phase: str, done: float, *, total: float | None) -> None:
        del done, total
        if phase not in self.told[-1:]:
            self.told.append(phase)

    @property
    def live(self) -> int:
        return self.directory.stored.live

    def sequences(self, generation: int) -> dict[str, int]:
        """What a client sees of each showtime in a generation."""
        documents = self.generations.documents(ShowtimeDocument, generation)
        return {
            identity: document.sequence
            for identity, document in documents.items()
            if isinstance(document, ShowtimeDocument)
        }

    def happens(self, events: Sequence[ReceivedEvent]) -> None:
        """Events go to the archive and into the views at once."""
        for event in events:
            self.log.take(event)
        self.projector()(events)


def some_events(showtimes: int = 2) -> list[ReceivedEvent]:
    """A catalogue, and a few bookings for each showtime, showtime by showtime."""
    events = [movie_event(1), auditorium_event(1)]
    for number in range(showtimes):
        history = ShowtimeHistory(f"showtime {number}")
        history.created()
        history.held("a", ("A", 1))
        history.held("b", ("A", 2))
        history.sold("a", ("A", 1))
        history.freed("b", ("A", 2))
        events += history.events
    return [*events, movie_event(2)]
