"""The unit of work: what a command changes, and the events of it, are stored together or not at all."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from shared.application.command_context import CommandContext
from shared.application.command_ledger import CommandLedger
from shared.application.outcome import Outcome
from shared.application.repositories import (
    AuditoriumRepository,
    CustomerRepository,
    MovieRepository,
    ReservationRepository,
    ShowtimeRepository,
)

State = TypeVar("State")


class UnitOfWork(Protocol):
    """One transaction. Left without `commit`, it has changed nothing."""

    @property
    def movies(self) -> MovieRepository: ...

    @property
    def auditoriums(self) -> AuditoriumRepository: ...

    @property
    def showtimes(self) -> ShowtimeRepository: ...

    @property
    def reservations(self) -> ReservationRepository: ...

    @property
    def customers(self) -> CustomerRepository: ...

    @property
    def ledger(self) -> CommandLedger: ...

    def conclude(self, state: State, *, stream: str, created: bool = False) -> Outcome[State]:
        """Store the changes, their events and, for whoever asks again, the answer, which ends with its sequence.

        Raises:
            RerunCommandError: this attempt failed; nothing was stored, or it is not known whether.
        """
        ...

    def commit(self) -> None:
        """Store the changes and their events; for work that nobody waits to be answered.

        Raises:
            RerunCommandError: this attempt failed; nothing was stored, or it is not known whether.
        """
        ...


BeginUnitOfWork = Callable[[CommandContext], AbstractContextManager[UnitOfWork]]
"""Opens a unit of work for a command."""
