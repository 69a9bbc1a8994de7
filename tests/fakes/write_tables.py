"""What the write store in memory has stored, and one unit of work's view of it."""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.application.command_ledger import LedgerEntry
from shared.application.errors import ConcurrentWriteError
from shared.application.outbox.messages import NewMessage
from shared.domain.aggregate import Aggregate
from shared.domain.catalogue.auditorium import AuditoriumId, AuditoriumState
from shared.domain.catalogue.movie import MovieId, MovieState
from shared.domain.catalogue.seat import Seat
from shared.domain.reservations.reservation import ReservationState
from shared.domain.showtimes.showtime import ShowtimeState


@dataclass
class Tables:
    """What is stored. Aggregates' states are frozen, so that a copy of the dictionaries is a snapshot."""

    movies: dict[MovieId, MovieState] = field(default_factory=dict[MovieId, MovieState])
    auditoriums: dict[AuditoriumId, AuditoriumState] = field(
        default_factory=dict[AuditoriumId, AuditoriumState]
    )
    showtimes: dict[UUID, ShowtimeState] = field(default_factory=dict[UUID, ShowtimeState])
    reservations: dict[UUID, ReservationState] = field(default_factory=dict[UUID, ReservationState])
    claims: dict[tuple[UUID, Seat], UUID] = field(default_factory=dict[tuple[UUID, Seat], UUID])
    to_clear: list[UUID] = field(default_factory=list[UUID])
    answers: dict[str, tuple[str, LedgerEntry | None, datetime]] = field(
        default_factory=dict[str, tuple[str, LedgerEntry | None, datetime]]
    )
    streams: dict[str, int] = field(default_factory=dict[str, int])
    messages: list[tuple[int, NewMessage]] = field(default_factory=list[tuple[int, NewMessage]])

    def snapshot(self) -> "Tables":
        return Tables(**{name: copy.copy(table) for name, table in vars(self).items()})


class Kept:
    """One unit of work's tables and changes."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.changed: list[Aggregate[Any]] = []

    def insert(self, table: dict[Any, Any], *, key: object, aggregate: Aggregate[Any]) -> None:
        if key in table:
            raise ConcurrentWriteError(f"{key} is there")
        table[key] = aggregate.state
        self.changed.append(aggregate)

    def replace(self, table: dict[Any, Any], *, key: object, aggregate: Aggregate[Any]) -> None:
        if table[key].version != aggregate.stored_version:
            raise ConcurrentWriteError(f"{key} has version {table[key].version}")
        table[key] = aggregate.state
        self.changed.append(aggregate)
