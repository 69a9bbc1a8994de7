"""A rebuild step by step, and what it refuses."""

from dataclasses import replace
from itertools import chain, count

import pytest

from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.errors import (
    ArchiveIncompleteError,
    NothingToAbandonError,
    RebuildUnderWayError,
)
from shared.application.rebuild.marks import mark_of
from shared.contracts.documents import MovieDocument, ReservationDocument, ShowtimeDocument
from tests.unit.projections.projection import stripped
from tests.unit.rebuild.cinema import LIMITS, RebuiltCinema, World, some_events
from tests.unit.rebuild.interleaving import Interleaving

pytestmark = pytest.mark.unit


class KilledError(BaseException):
    """The process is gone."""


class MortalWorld(World):
    """Ends a process after some steps. It does not even give back the right to rebuild."""

    lives: int | None = None

    def step(self) -> None:
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise KilledError


class WorldWithNews(World):
    """While the rebuild waits for writers there are bookings for another showtime."""

    cinema: RebuiltCinema
    cached_before = -1

    def pause(self, seconds: float) -> None:
        super().pause(seconds)
        if self.cached_before < 0:
            cache = self.cinema.caches.get(2)
            self.cached_before = len(cache.written) if cache else 0
            self.cinema.happens(some_events(3))


def take_from_archive(cinema: RebuiltCinema) -> ReceivedEvent:
    """An event of a showtime that EventLog does not have."""
    lost = next(event for event in cinema.log.events if event.partition.startswith("showtime:"))
    cinema.log.events.remove(lost)
    return lost


@pytest.fixture
def cinema() -> RebuiltCinema:
    cinema = RebuiltCinema()
    cinema.happens(some_events())
    return cinema


def documents(cinema: RebuiltCinema, generation: int) -> dict[str, object]:
    views = cinema.generations.stores[generation].views
    return {view: {k: stripped(d) for k, d in found.items()} for view, found in views.items()}


def test_what_is_rebuilt_is_what_was_there(cinema: RebuiltCinema) -> None:
    before = documents(cinema, 1)
    ended = cinema.rebuild().rebuild(finish=False)
    assert (ended.live, ended.building, [former.generation for former in ended.ending]) == (2, None, [1])
    assert documents(cinema, 2) == before


def test_after_its_grace_period_the_former_generation_is_dropped(cinema: RebuiltCinema) -> None:
    ended = cinema.rebuild().rebuild(finish=True)
    assert (ended.live, ended.ending, cinema.generations.present()) == (2, (), {2})
    assert cinema.told == ["copying", "waiting for writers", "comparing", "in grace", "dropping"]


def test_before_that_finishing_changes_nothing_and_afterwards_it_drops(cinema: RebuiltCinema) -> None:
    cinema.rebuild().rebuild(finish=False)
    assert cinema.rebuild().finish().ending
    assert cinema.generations.present() == {1, 2}
    cinema.world.now_seconds += LIMITS.grace_seconds
    assert not cinema.rebuild().finish().ending
    assert cinema.generations.present() == {2}


def test_the_former_generation_is_written_in_its_grace_period(cinema: RebuiltCinema) -> None:
    cinema.rebuild().rebuild(finish=False)
    cinema.happens(some_events(3))
    assert cinema.sequences(1) == cinema.sequences(2)
    assert len(cinema.sequences(2)) == 3


def test_an_event_that_eventlog_lacks_keeps_the_live_generation(cinema: RebuiltCinema) -> None:
    lost = take_from_archive(cinema)
    with pytest.raises(ArchiveIncompleteError) as refused:
        cinema.rebuild(limits=replace(LIMITS, patience_seconds=3)).rebuild(finish=True)
    assert refused.value.streams == (lost.partition,)
    assert cinema.live == 1
    cinema.log.take(lost)
    assert cinema.rebuild().rebuild(finish=True).live == 2


def test_killed_at_any_moment_another_run_ends_it() -> None:
    lives = 0
    while True:
        world = MortalWorld()
        cinema = RebuiltCinema(world)
        cinema.happens(some_events())
        before = documents(cinema, 1)
        world.lives = lives
        try:
            cinema.rebuild().rebuild(finish=True)
        except KilledError:
            world.lives = None
        else:
            break
        ended = cinema.rebuild().rebuild(finish=True)
        assert documents(cinema, ended.live) == before
        world.now_seconds += LIMITS.grace_seconds
        cinema.rebuild().finish()
        assert cinema.generations.present() == {ended.live}
        lives += 1
    assert lives > 10


def test_another_run_does_not_copy_again_what_was_copied(cinema: RebuiltCinema) -> None:
    lost = take_from_archive(cinema)
    with pytest.raises(ArchiveIncompleteError):
        cinema.rebuild(limits=replace(LIMITS, patience_seconds=3)).rebuild(finish=False)
    cinema.log.take(lost)
    cinema.told.clear()
    assert cinema.rebuild().rebuild(finish=False).live == 2
    assert "copying" not in cinema.told


def test_a_second_rebuild_is_refused_while_the_first_gives_signs_of_life() -> None:
    world = Interleaving()
    cinema = RebuiltCinema(world)
    cinema.happens(some_events())
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(RebuildUnderWayError) as error:
            cinema.rebuild().rebuild(finish=True)
        refused.append(str(error.value))

    def first() -> None:
        cinema.rebuild().rebuild(finish=True)

    world.run([first, second], schedule=chain([0] * 12, count()))
    assert cinema.live == 2
    assert refused == ["another rebuild is at work on generation 2"]


def test_what_is_being_built_can_be_given_up(cinema: RebuiltCinema) -> None:
    cinema.log.events.clear()
    with pytest.raises(ArchiveIncompleteError):
        cinema.rebuild(limits=replace(LIMITS, patience_seconds=3)).rebuild(finish=True)
    ended = cinema.rebuild().abandon()
    assert (ended.live, ended.building, cinema.generations.present()) == (1, None, {1})
    with pytest.raises(NothingToAbandonError):
        cinema.rebuild().abandon()


def test_a_number_is_never_given_twice(cinema: RebuiltCinema) -> None:
    log = cinema.log.events[:]
    cinema.log.events.clear()
    with pytest.raises(ArchiveIncompleteError):
        cinema.rebuild(limits=replace(LIMITS, patience_seconds=3)).rebuild(finish=True)
    cinema.rebuild().abandon()
    cinema.log.events = log
    assert cinema.rebuild().rebuild(finish=True).live == 3


def test_who_slept_since_before_the_rebuild_writes_the_new_generation_first() -> None:
    world = Interleaving()
    cinema = RebuiltCinema(world)
    *happened, last = some_events()
    cinema.happens(happened)
    seen: list[tuple[int, int]] = []

    def sleepy() -> None:
        cinema.projector()([last])

    def watch() -> None:
        while len(seen) < 40 or seen[-1] != (2, 2):
            world.step()
            versions = [cinema.generations.documents(MovieDocument, number) for number in (1, 2)]
            old, new = (max(mark_of(movie).version for movie in found.values()) for found in versions)
            seen.append((old, new))

    # Up to its first save the projector knows generation 1 alone. Then it sleeps until the rebuild has ended.
    first, rebuild = 0, 1
    turns = chain([first, first], [rebuild] * 400, count())
    world.run([sleepy, lambda: cinema.rebuild().rebuild(finish=False) and None, watch], schedule=turns)
    assert cinema.live == 2
    assert all(new >= old for old, new in seen)


def test_a_cinema_without_events_can_be_rebuilt() -> None:
    cinema = RebuiltCinema()
    assert cinema.rebuild().rebuild(finish=True).live == 2


def test_the_new_generation_has_entries_of_what_changes_from_the_end_of_the_copy_on() -> None:
    world = WorldWithNews()
    cinema = world.cinema = RebuiltCinema(world)
    cinema.happens(some_events())
    cinema.rebuild().rebuild(finish=False)
    assert (world.cached_before, cinema.live) == (0, 2)
    views = {document.view for document in cinema.caches[2].written}
    assert views == {ShowtimeDocument.view, ReservationDocument.view}
    assert cinema.sequences(1) == cinema.sequences(2)
    assert len(cinema.sequences(2)) == 3
