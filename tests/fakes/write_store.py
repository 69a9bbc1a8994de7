"""The write store in memory: repositories and a unit of work that keep the ports' promises."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TypeVar

from shared.application.command_context import CommandContext
from shared.application.outbox.messages import NewMessage
from shared.application.outcome import Outcome
from shared.application.publication import to_message
from shared.application.unit_of_work import UnitOfWork
from tests.fakes.catalogue_repositories import FakeAuditoriumRepository, FakeMovieRepository
from tests.fakes.command_ledger import FakeCommandLedger
from tests.fakes.reservation_repository import FakeCustomerRepository, FakeReservationRepository
from tests.fakes.showtime_repository import FakeShowtimeRepository
from tests.fakes.write_tables import Kept, Tables

State = TypeVar("State")


class FakeUnitOfWork:
    """Works on a snapshot, which `commit` makes the truth."""

    def __init__(self, store: "FakeWriteStore", context: CommandContext) -> None:
        self._store = store
        self._context = context
        self._kept = Kept(store.tables.snapshot())
        self.movies = FakeMovieRepository(self._kept)
        self.auditoriums = FakeAuditoriumRepository(self._kept)
        self.showtimes = FakeShowtimeRepository(self._kept)
        self.reservations = FakeReservationRepository(self._kept)
        self.customers = FakeCustomerRepository()
        self.ledger = FakeCommandLedger(self._kept, request=context.request)

    def conclude(self, state: State, *, stream: str, created: bool = False) -> Outcome[State]:
        self.commit()
        sequence = self._kept.tables.streams.get(stream, 0)
        outcome = Outcome(state=state, sequence=sequence, created=created)
        self.ledger.answered(outcome)
        return outcome

    def commit(self) -> None:
        tables = self._kept.tables
        for aggregate in self._kept.changed:
            for event in aggregate.new_events:
                message = to_message(event, context=self._context)
                tables.streams[message.stream_id] += 1
                tables.messages.append((tables.streams[message.stream_id], message))
        self._store.tables = tables


class FakeWriteStore:
    """One unit of work at a time; `failing_with` makes the next ones fail at their end."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.failing_with: list[Exception] = []
        self.begun: list[CommandContext] = []
        self._one_at_a_time = threading.Lock()

    @contextmanager
    def begin(self, context: CommandContext) -> Generator[UnitOfWork]:
        with self._one_at_a_time:
            self.begun.append(context)
            before = self.tables
            yield FakeUnitOfWork(self, context)
            if self.failing_with:
                self.tables = before
                raise self.failing_with.pop(0)

    def messages(self) -> list[tuple[int, NewMessage]]:
        """Every committed message with its sequence, in commit order."""
        return list(self.tables.messages)
