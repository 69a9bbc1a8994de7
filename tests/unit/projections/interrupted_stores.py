"""Stores that something happens to at every step: another projector's turn, or a fault."""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from shared.application.projections.ports import (
    Document,
    FailureParking,
    ParkedEvent,
    ViewStore,
    ViewStoreUnavailableError,
)
from shared.application.projections.project_events import ProjectEvents
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ViewDocument
from tests.unit.projections.projection import NoonClock, Projection

Interrupt = Callable[[], None]


@dataclass(frozen=True)
class InterruptedStore:
    """Interrupts before and after each call, and between the documents of a bulk write, which is not atomic."""

    store: ViewStore
    interrupt: Interrupt

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document]:
        self.interrupt()
        found = self.store.load(model, ids)
        self.interrupt()
        return found

    def save(self, documents: Sequence[ViewDocument]) -> set[str]:
        losers: set[str] = set()
        for document in documents:
            self.interrupt()
            losers |= self.store.save([document])
        self.interrupt()
        return losers

    def showtimes_of_movie(self, movie_id: str, *, below_version: int) -> list[str]:
        self.interrupt()
        return self.store.showtimes_of_movie(movie_id, below_version=below_version)

    def showtimes_of_auditorium(self, auditorium_id: str, *, below_version: int) -> list[str]:
        self.interrupt()
        return self.store.showtimes_of_auditorium(auditorium_id, below_version=below_version)


@dataclass(frozen=True)
class InterruptedParking:
    """Interrupts before and after each call."""

    parking: FailureParking
    interrupt: Interrupt

    def park(self, events: Sequence[ParkedEvent]) -> None:
        self.interrupt()
        self.parking.park(events)
        self.interrupt()


@dataclass
class Faults:
    """An outage at some of the steps, by their numbers from the first one on."""

    at: Collection[int]
    steps: int = 0

    def __call__(self) -> None:
        self.steps += 1
        if self.steps - 1 in self.at:
            raise ViewStoreUnavailableError(f"an outage at step {self.steps - 1}")


def project_with_retries(
    projection: Projection, batches: Iterable[Sequence[ReceivedEvent]], *, interrupt: Interrupt
) -> None:
    """What the trigger does: a batch is tried again until it goes through, and the next one begins only then."""
    project = ProjectEvents(
        store=InterruptedStore(projection.store, interrupt),
        cache=projection.cache,
        parking=InterruptedParking(projection.parking, interrupt),
        clock=NoonClock(),
    )
    for batch in batches:
        while True:
            try:
                project(batch)
            except ViewStoreUnavailableError:
                continue
            break


@dataclass
class TakingTurns:
    """Runs several works in threads, one at a time: at each interruption a schedule says whose turn is next."""

    schedule: Sequence[int]
    turns: dict[int, threading.Semaphore] = field(default_factory=dict[int, threading.Semaphore])
    given_back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    failures: list[BaseException] = field(default_factory=list[BaseException])

    def run(self, *works: Callable[[Interrupt], None]) -> None:
        """Run all to their ends. When the schedule is over, they take turns in their order."""
        alive = dict(enumerate(works))
        threads = [threading.Thread(target=self._work, args=(number, alive)) for number in alive]
        self.turns = {number: threading.Semaphore(0) for number in alive}
        for thread in threads:
            thread.start()
        step = 0
        while alive:
            wanted = self.schedule[step] if step < len(self.schedule) else step
            self.turns[sorted(alive)[wanted % len(alive)]].release()
            self.given_back.acquire()
            step += 1
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _work(self, number: int, alive: dict[int, Callable[[Interrupt], None]]) -> None:
        self.turns[number].acquire()
        try:
            alive[number](lambda: self._pause(number))
        except BaseException as error:  # noqa: BLE001 # told by `run`
            self.failures.append(error)
        finally:
            del alive[number]
            self.given_back.release()

    def _pause(self, number: int) -> None:
        self.given_back.release()
        self.turns[number].acquire()
