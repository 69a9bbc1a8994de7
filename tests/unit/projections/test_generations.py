"""Projecting into generations that come and go while a batch is in hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from shared.application.projections.generations import (
    FENCE_SECONDS,
    FencedViewStore,
    Knowledge,
    NoViewCache,
    ProjectIntoGenerations,
    Target,
)
from shared.application.projections.ports import Document, ViewStoreUnavailableError
from shared.application.projections.project_events import ProjectEvents
from shared.contracts.documents import ShowtimeDocument, ViewDocument
from shared.contracts.generations import Building, Generations
from tests.builders.published_events import ShowtimeHistory
from tests.fakes.generations import FakeGenerationDirectory
from tests.fakes.view_store import FakeFailureParking, FakeViewCache, FakeViewStore
from tests.unit.projections.projection import NoonClock

REBUILDING = Generations(rev=1, live=1, building=Building(generation=2), newest=2)
CATCHING_UP = Generations(rev=2, live=1, building=Building(generation=2, cached=True), newest=2)


class WatchedStore(FakeViewStore):
    """Lets something happen before each save."""

    def __init__(self, before_save: Callable[[], None]) -> None:
        super().__init__()
        self._before_save = before_save

    def save(self, documents: Sequence[Document]) -> set[str]:
        self._before_save()
        return super().save(documents)


@dataclass
class Cinema:
    """A projector over several generations, and a clock that a test moves."""

    directory: FakeGenerationDirectory = field(default_factory=FakeGenerationDirectory)
    now: float = 0.0
    saved: list[int] = field(default_factory=list[int])
    meanwhile: Callable[[int], object] = lambda _: None
    stores: dict[int, WatchedStore] = field(default_factory=dict[int, WatchedStore])
    caches: dict[int, FakeViewCache] = field(default_factory=dict[int, FakeViewCache])

    def project(self, history: ShowtimeHistory) -> None:
        ProjectIntoGenerations(self.directory, projector_of=self._projector, monotonic=lambda: self.now)(
            history.events
        )

    def _projector(self, target: Target, knowledge: Knowledge) -> ProjectEvents:
        store = self.stores.setdefault(target.generation, WatchedStore(lambda: self._saves(target)))
        cache = self.caches.setdefault(target.generation, FakeViewCache())
        return ProjectEvents(
            store=FencedViewStore(store, knowledge=knowledge),
            cache=cache if target.cached else NoViewCache(),
            parking=FakeFailureParking(),
            clock=NoonClock(),
        )

    def _saves(self, target: Target) -> None:
        self.saved.append(target.generation)
        self.meanwhile(target.generation)

    def sequence(self, generation: int, history: ShowtimeHistory) -> int:
        identity = str(history.showtime_id)
        document = self.stores[generation].load(ShowtimeDocument, [identity])[identity]
        return document.sequence

    def cached(self, generation: int) -> list[ViewDocument]:
        return self.caches[generation].written if generation in self.caches else []


@pytest.fixture
def history() -> ShowtimeHistory:
    history = ShowtimeHistory()
    history.created()
    return history


def test_without_a_document_there_is_generation_1(history: ShowtimeHistory) -> None:
    cinema = Cinema()
    cinema.project(history)
    assert (set(cinema.stores), cinema.sequence(1, history)) == ({1}, 1)


def test_every_generation_is_written_the_newest_first(history: ShowtimeHistory) -> None:
    cinema = Cinema(FakeGenerationDirectory(REBUILDING))
    cinema.project(history)
    assert cinema.saved == [2, 1]
    assert cinema.sequence(1, history) == cinema.sequence(2, history) == 1


def test_what_is_being_built_has_cache_entries_only_once_it_catches_up(history: ShowtimeHistory) -> None:
    cinema = Cinema(FakeGenerationDirectory(REBUILDING))
    cinema.project(history)
    assert (len(cinema.cached(1)), len(cinema.cached(2))) == (1, 0)
    assert cinema.directory.replace(CATCHING_UP)
    cinema.project(history)
    assert len(cinema.cached(2)) == 1


def test_a_generation_begun_during_the_last_write_gets_the_batch_too(history: ShowtimeHistory) -> None:
    cinema = Cinema()
    cinema.meanwhile = lambda _: cinema.directory.replace(REBUILDING)
    cinema.project(history)
    assert cinema.saved == [1, 2]
    assert cinema.sequence(2, history) == 1


def test_who_finds_a_new_generation_while_writing_begins_with_that(history: ShowtimeHistory) -> None:
    history.held("a", ("A", 1))
    cinema = Cinema()

    def begin_and_let_time_pass(_: int) -> None:
        if cinema.directory.replace(REBUILDING):
            cinema.now += 2

    cinema.meanwhile = begin_and_let_time_pass
    cinema.project(history)
    # The reservation into 1; then, before the showtime, the look that is due.
    assert cinema.saved == [1, 2, 2, 1]


def test_who_can_not_look_in_time_writes_nothing(history: ShowtimeHistory) -> None:
    cinema = Cinema()

    class SlowDirectory(FakeGenerationDirectory):
        def read(self) -> Generations:
            cinema.now += FENCE_SECONDS + 0.1
            return super().read()

    cinema.directory = SlowDirectory()
    with pytest.raises(ViewStoreUnavailableError):
        cinema.project(history)
    assert cinema.saved == []


def test_a_slow_batch_looks_again_and_goes_on(history: ShowtimeHistory) -> None:
    history.held("a", ("A", 1))
    cinema = Cinema()

    def let_time_pass(_: int) -> None:
        cinema.now += 60

    cinema.meanwhile = let_time_pass
    cinema.project(history)
    assert cinema.sequence(1, history) == 2
