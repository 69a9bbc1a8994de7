"""Rebuilding the views under traffic.

    begin       name a new generation; from now on the projector writes it beside the live one
    copy        project EventLog into it, stream by stream
    catch up    let it have cache entries; wait until whoever has not heard of it can't be writing any more; see that
                each of its documents covers the live one
    switch      name it as the live one, by compare and set, and the former as ending
    finish      after the grace period: name the former no more, wait again, and drop its collections

Each step may be the last one of this process: another run goes on with it. A generation that is half built is written, and
never read.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from shared.application.projections.generations import (
    FENCE_SECONDS,
    GenerationAddedError,
    GenerationDirectory,
    Knowledge,
    Project,
    Target,
)
from shared.application.projections.ports import Clock
from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.catch_up import CatchUp
from shared.application.rebuild.errors import NothingToAbandonError, RebuildTakenOverError
from shared.application.rebuild.generation_steps import (
    abandoned,
    about_to_catch_up,
    begun,
    switched,
    without_ended,
)
from shared.application.rebuild.lease import RebuildLease
from shared.application.rebuild.ports import (
    EventArchive,
    GenerationCollections,
    GenerationMarks,
    LogPlace,
    RebuildJournal,
)
from shared.contracts.generations import Generations

Phase = Literal["copying", "waiting for writers", "comparing", "in grace", "dropping"]

_TICK_SECONDS = 0.5


class Tell(Protocol):
    """Told how far it is: how many events, documents or seconds, and of about how many, if that is known."""

    def __call__(self, phase: Phase, done: float, *, total: float | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildLimits:
    """Times in seconds. `write_seconds` is the longest that a write may be under way before it fails."""

    batch_events: int
    grace_seconds: float
    patience_seconds: float
    watch_seconds: float
    write_seconds: float

    @property
    def fence_seconds(self) -> float:
        """After so long nobody writes who has not looked at the generations since."""
        return FENCE_SECONDS + self.write_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildParts:
    """What a rebuild reads and writes. `projector_of` is the projector's own, into one generation."""

    directory: GenerationDirectory
    journal: RebuildJournal
    archive: EventArchive
    marks: GenerationMarks
    collections: GenerationCollections
    projector_of: Callable[[Target, Knowledge], Project]
    clock: Clock
    pause: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic


class RebuildViews:
    """Builds, switches, finishes and abandons generations.

    Every method raises RebuildUnderWayError or RebuildTakenOverError where another is at work, and
    ViewStoreUnavailableError or StationUnreadableError where a database does not answer.
    """

    def __init__(self, parts: RebuildParts, *, limits: RebuildLimits, tell: Tell) -> None:
        self._parts = parts
        self._limits = limits
        self._tell = tell
        self._lease = RebuildLease(parts.journal, pause=parts.pause, watch_seconds=limits.watch_seconds)

    def rebuild(self, *, finish: bool) -> Generations:
        """Build a generation, or go on with one, and switch to it; then stay for its grace period, and finish.

        Raises:
            ArchiveIncompleteError: EventLog lacks what the live views have. Another run goes on from here.
        """
        with self._lease.held():
            generations = self._begun()
            self._copy(generations)
            generations = self._caught_up(self._parts.directory.read())
            until = self._in(self._limits.grace_seconds)
            self._put(switched(generations, until=until))
            if finish:
                self._wait("in grace", self._limits.grace_seconds)
                self._finish(now=until)
            return self._parts.directory.read()

    def finish(self) -> Generations:
        """Let go of the generations whose grace period is over, and drop what nobody names."""
        with self._lease.held():
            self._finish(now=self._in(0))
            return self._parts.directory.read()

    def abandon(self) -> Generations:
        """Give up the generation that is being built, and drop it.

        Raises:
            NothingToAbandonError: there is none.
        """
        with self._lease.held():
            generations = self._parts.directory.read()
            if generations.building is None:
                raise NothingToAbandonError
            self._put(abandoned(generations))
            self._finish(now=self._in(0))
            return self._parts.directory.read()

    def _begun(self) -> Generations:
        generations = self._parts.directory.read()
        if generations.building is None:
            generations = self._put(begun(generations))
        building = _building(generations)
        self._parts.collections.prepare(building)
        if self._lease.progress.generation != building:
            self._lease.note(generation=building, stream_id="", sequence=0, copied=0, complete=False)
        return generations

    def _copy(self, generations: Generations) -> None:
        total = self._parts.archive.about()
        while not self._lease.progress.complete:
            progress = self._lease.progress
            self._tell("copying", progress.copied, total=max(total, progress.copied))
            place = LogPlace(progress.stream_id, progress.sequence)
            events = self._parts.archive.page(after=place, limit=self._limits.batch_events)
            if not events:
                self._lease.note(complete=True)
                break
            self._projector(generations)(events)
            last = events[-1]
            self._lease.note(
                stream_id=last.partition, sequence=last.position, copied=progress.copied + len(events)
            )

    def _caught_up(self, generations: Generations) -> Generations:
        if generations.building and not generations.building.cached:
            generations = self._put(about_to_catch_up(generations))
        self._wait("waiting for writers", self._limits.fence_seconds)
        CatchUp(
            marks=self._parts.marks,
            archive=self._parts.archive,
            project=self._projector(generations),
            live=generations.live,
            building=_building(generations),
            batch_events=self._limits.batch_events,
            patience_seconds=self._limits.patience_seconds,
            pause=self._parts.pause,
            monotonic=self._parts.monotonic,
        )(looked=self._looked)
        return generations

    def _looked(self, documents: int) -> None:
        self._lease.note()
        self._tell("comparing", documents, total=None)

    def _finish(self, *, now: datetime) -> None:
        generations = self._parts.directory.read()
        ended = without_ended(generations, now=now)
        if ended.ending != generations.ending:
            generations = self._put(ended)
        orphans = self._orphans(generations)
        if orphans:
            self._wait("dropping", self._limits.fence_seconds)  # else a late write would make one anew
        for generation in sorted(orphans):
            self._parts.collections.drop(generation)

    def _orphans(self, generations: Generations) -> set[int]:
        """Numbers are never given twice, so that nobody can begin one of these meanwhile."""
        named = set(generations.written)
        return {
            generation
            for generation in self._parts.collections.present()
            if generation <= generations.newest and generation not in named
        }

    def _projector(self, generations: Generations) -> Project:
        """Each batch with knowledge of its own, whose age is what counts."""
        building = generations.building

        def project(events: Sequence[ReceivedEvent]) -> None:
            knowledge = Knowledge(self._parts.directory, monotonic=self._parts.monotonic)
            if knowledge.generations.building != building:
                raise RebuildTakenOverError
            target = Target(_building(generations), cached=bool(building and building.cached))
            try:
                self._parts.projector_of(target, knowledge)(events)
            except GenerationAddedError as error:
                raise RebuildTakenOverError from error

        return project

    def _put(self, generations: Generations) -> Generations:
        """Replace the document; nobody else does while this one has the right to rebuild."""
        if not self._parts.directory.replace(generations):
            raise RebuildTakenOverError
        return generations

    def _wait(self, phase: Phase, seconds: float) -> None:
        """Wait, and show signs of life."""
        begun_at = self._parts.monotonic()
        while (waited := self._parts.monotonic() - begun_at) < seconds:
            self._tell(phase, waited, total=seconds)
            self._lease.note()
            self._parts.pause(min(_TICK_SECONDS, seconds - waited))

    def _in(self, seconds: float) -> datetime:
        return self._parts.clock.now() + timedelta(seconds=seconds)


def _building(generations: Generations) -> int:
    if generations.building is None:
        raise RebuildTakenOverError
    return generations.building.generation
