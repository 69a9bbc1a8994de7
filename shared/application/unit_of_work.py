"""The unit of work: what a command changes, and the events of it, are stored together or not at all."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from shared.application.command_context import CommandContext
from shared.application.repositories import (
    AuditoriumRepository,
    CustomerRepository,
    MovieRepository,
    ReservationRepository,
    ShowtimeRepository,
)


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

    def commit(self, *, stream: str) -> int:
        """Store the changes and their events; answer the last sequence that `stream` has now.

        Raises:
            RerunCommandError: this attempt failed; nothing was stored, or it is not known whether.
        """
        ...


BeginUnitOfWork = Callable[[CommandContext], AbstractContextManager[UnitOfWork]]
"""Opens a unit of work for a command."""
