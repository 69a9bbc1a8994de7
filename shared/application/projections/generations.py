"""Projecting into every generation of the views that there is, whatever comes or goes meanwhile (docs/decisions/0032).

A batch is done when a look at the generations, taken after its last write, names none that it was not written to. So of
an event that was published before a generation was begun, the live generation has all, and of every later one the new
generation has all: nothing falls between, and no clock is asked.

No document is written by who has not looked for some time. That bounds for how long after a generation was begun
somebody may still be writing without having heard of it.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, Protocol

from shared.application.projections.ports import Document, ViewStore, ViewStoreUnavailableError
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ViewDocument
from shared.contracts.generations import REREAD_SECONDS, Generations

FENCE_SECONDS = 3.0
"""The age of knowledge at which nothing is written any more: looking again took that long."""

Monotonic = Callable[[], float]
Project = Callable[[Sequence[ReceivedEvent]], None]


class GenerationDirectory(Protocol):
    """Where the generations are named. Every method raises ViewStoreUnavailableError."""

    def read(self) -> Generations:
        """The generations as they are now."""
        ...

    def replace(self, generations: Generations) -> bool:
        """Put a document in place of the one whose `rev` is one less; answers whether that was there."""
        ...


class GenerationAddedError(Exception):
    """There is a generation that the batch in hand has not been written to, newer than the one that it is at."""


class Target(NamedTuple):
    """A generation, and whether its cache entries are written too."""

    generation: int
    cached: bool


def targets(generations: Generations) -> list[Target]:
    """What a batch is to be written to, in this order."""
    return [Target(number, generations.is_cached(number)) for number in generations.written]


class Knowledge:
    """What somebody who writes knows of the generations, and since when."""

    def __init__(self, directory: GenerationDirectory, *, monotonic: Monotonic = time.monotonic) -> None:
        self._directory = directory
        self._monotonic = monotonic
        self.generations = self.renew()

    def renew(self) -> Generations:
        """Look, and know that from the moment before."""
        self._since = self._monotonic()
        self.generations = self._directory.read()
        return self.generations

    def require_fresh(self) -> None:
        """Look again if that is due, before something is written.

        Raises:
            GenerationAddedError: there is something to be written to that was not there before.
            ViewStoreUnavailableError: the look failed, or took too long.
        """
        if self._age() <= REREAD_SECONDS:
            return
        before = set(targets(self.generations))
        if set(targets(self.renew())) - before:
            raise GenerationAddedError
        if self._age() > FENCE_SECONDS:
            raise ViewStoreUnavailableError(f"the generations could not be read within {FENCE_SECONDS} s")

    def _age(self) -> float:
        return self._monotonic() - self._since


class FencedViewStore:
    """A `ViewStore` of one generation that is written only by who knows the generations."""

    def __init__(self, store: ViewStore, *, knowledge: Knowledge) -> None:
        self._store = store
        self._knowledge = knowledge

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document]:
        """See `ViewStore.load`."""
        return self._store.load(model, ids)

    def save(self, documents: Sequence[Document]) -> set[str]:
        """See `ViewStore.save`.

        Raises:
            GenerationAddedError: see `Knowledge.require_fresh`.
        """
        self._knowledge.require_fresh()
        return self._store.save(documents)

    def showtimes_of_movie(self, movie_id: str, *, below_version: int) -> list[str]:
        """See `ViewStore.showtimes_of_movie`."""
        return self._store.showtimes_of_movie(movie_id, below_version=below_version)

    def showtimes_of_auditorium(self, auditorium_id: str, *, below_version: int) -> list[str]:
        """See `ViewStore.showtimes_of_auditorium`."""
        return self._store.showtimes_of_auditorium(auditorium_id, below_version=below_version)


class NoViewCache:
    """The `ViewCache` of a generation that has no entries yet."""

    def write(self, documents: Sequence[ViewDocument]) -> None:
        """See `ViewCache.write`: here there is nothing to do."""


class ProjectIntoGenerations:
    """Projects a batch into each generation in turn, newest first.

    `projector_of` makes a projector into one target, which must write through a `FencedViewStore` with that knowledge.
    """

    def __init__(
        self,
        directory: GenerationDirectory,
        *,
        projector_of: Callable[[Target, Knowledge], Project],
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._directory = directory
        self._projector_of = projector_of
        self._monotonic = monotonic

    def __call__(self, batch: Sequence[ReceivedEvent]) -> None:
        """Project a batch.

        Raises:
            ViewStoreUnavailableError: an outage; the whole batch is to be tried again.
        """
        knowledge = Knowledge(self._directory, monotonic=self._monotonic)
        done: set[Target] = set()
        while due := [target for target in targets(knowledge.generations) if target not in done]:
            try:
                for target in due:
                    self._projector_of(target, knowledge)(batch)
                    done.add(target)
            except GenerationAddedError:
                continue  # from the newest on, with what is known now
            knowledge.renew()
