"""The write store in memory: repositories and a unit of work that keep the ports' promises."""

import copy
import threading
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from shared.application.command_context import CommandContext, RequestKey
from shared.application.command_ledger import LedgerEntry, as_kept
from shared.application.errors import ConcurrentWriteError, KeyReusedError
from shared.application.outbox.messages import NewMessage
from shared.application.outcome import Outcome
from shared.application.publication import to_message
from shared.application.repositories import SeatHolder
from shared.application.streams import auditorium_stream, movie_stream, showtime_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.aggregate import Aggregate
from shared.domain.catalogue.auditorium import Auditorium, AuditoriumId, AuditoriumState
from shared.domain.catalogue.movie import Movie, MovieId, MovieState
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatRange
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.reservations.reservation import (
    CustomerId,
    Reservation,
    ReservationState,
    ReservationStatus,
)
from shared.domain.showtimes.showtime import Showtime, ShowtimeState, ShowtimeStatus


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


class _Kept:
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


class FakeMovieRepository:
    """Movies in a dictionary."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def find(self, movie_id: MovieId) -> Movie | None:
        state = self._kept.tables.movies.get(movie_id)
        return Movie.restore(state) if state else None

    find_for_update = find

    def add(self, movie: Movie) -> None:
        self._kept.insert(self._kept.tables.movies, key=movie.state.movie_id, aggregate=movie)
        self._kept.tables.streams[movie_stream(movie.state.movie_id)] = 0

    def save(self, movie: Movie) -> None:
        if movie.new_events:
            self._kept.replace(self._kept.tables.movies, key=movie.state.movie_id, aggregate=movie)


class FakeAuditoriumRepository:
    """Auditoriums in a dictionary."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def find(self, auditorium_id: AuditoriumId) -> Auditorium | None:
        state = self._kept.tables.auditoriums.get(auditorium_id)
        return Auditorium.restore(state) if state else None

    find_for_update = find

    def add(self, auditorium: Auditorium) -> None:
        key = auditorium.state.auditorium_id
        self._kept.insert(self._kept.tables.auditoriums, key=key, aggregate=auditorium)
        self._kept.tables.streams[auditorium_stream(key)] = 0

    def save(self, auditorium: Auditorium) -> None:
        key = auditorium.state.auditorium_id
        if auditorium.new_events:
            self._kept.replace(self._kept.tables.auditoriums, key=key, aggregate=auditorium)


class FakeShowtimeRepository:
    """Showtimes in a dictionary. Locks are not needed: one unit of work runs at a time."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def find_for_booking(self, showtime_id: UUID) -> Showtime | None:
        state = self._kept.tables.showtimes.get(showtime_id)
        return Showtime.restore(state) if state else None

    find_for_update = find_for_booking

    def auditorium_of(self, showtime_id: UUID) -> AuditoriumId | None:
        state = self._kept.tables.showtimes.get(showtime_id)
        return state.auditorium_id if state else None

    def last_starting_before(
        self, auditorium_id: AuditoriumId, *, moment: datetime, excluding: UUID | None = None
    ) -> Showtime | None:
        earlier = [
            state
            for state in self._kept.tables.showtimes.values()
            if state.auditorium_id == auditorium_id
            and state.screening.starts_at < moment
            and state.status is ShowtimeStatus.SCHEDULED
            and state.showtime_id != excluding
        ]
        last = max(earlier, key=lambda state: state.screening.starts_at, default=None)
        return Showtime.restore(last) if last else None

    def lock_unfinished(self, auditorium_id: AuditoriumId, *, at: datetime) -> None:
        del auditorium_id, at

    def add(self, showtime: Showtime) -> None:
        key = showtime.state.showtime_id
        self._kept.insert(self._kept.tables.showtimes, key=key, aggregate=showtime)
        self._kept.tables.streams[showtime_stream(key)] = 0

    def save(self, showtime: Showtime) -> None:
        key = showtime.state.showtime_id
        if showtime.new_events:
            self._kept.replace(self._kept.tables.showtimes, key=key, aggregate=showtime)
            if showtime.is_cancelled:
                self._kept.tables.to_clear.append(key)

    def still_to_clear(self, *, most: int) -> Sequence[UUID]:
        return self._kept.tables.to_clear[:most]

    def note_cleared(self, showtime_id: UUID) -> None:
        if showtime_id in self._kept.tables.to_clear:
            self._kept.tables.to_clear.remove(showtime_id)


class FakeReservationRepository:
    """Reservations and claims in dictionaries."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def showtime_of(self, reservation_id: UUID) -> UUID | None:
        state = self._kept.tables.reservations.get(reservation_id)
        return state.showtime_id if state else None

    def find_for_update(self, reservation_id: UUID) -> Reservation | None:
        state = self._kept.tables.reservations.get(reservation_id)
        return Reservation.restore(state) if state else None

    def live_of(self, showtime_id: UUID, *, most: int) -> Sequence[Reservation]:
        tables = self._kept.tables
        holding = {holder for (claimed, _), holder in tables.claims.items() if claimed == showtime_id}
        return [Reservation.restore(tables.reservations[one]) for one in sorted(holding)[:most]]

    def ended_holds(
        self, *, at: datetime, most: int, besides: Collection[UUID] = ()
    ) -> Mapping[UUID, Sequence[UUID]]:
        states = self._kept.tables.reservations.values()
        waiting = [
            state
            for state in states
            if state.status is ReservationStatus.PENDING and state.showtime_id not in besides
        ]
        ended = sorted(
            (state for state in waiting if state.expires_at <= at), key=lambda state: state.expires_at
        )
        found: dict[UUID, list[UUID]] = {}
        for state in ended[:most]:
            found.setdefault(state.showtime_id, []).append(state.reservation_id)
        return found

    def count_live_holds(self, customer_id: CustomerId, *, at: datetime) -> int:
        return sum(
            state.customer_id == customer_id
            and state.status is ReservationStatus.PENDING
            and at < state.expires_at
            for state in self._kept.tables.reservations.values()
        )

    def holders_of(self, showtime_id: UUID, *, seats: Iterable[Seat]) -> Sequence[SeatHolder]:
        tables = self._kept.tables
        return [
            self._holder(seat, tables.reservations[tables.claims[showtime_id, seat]])
            for seat in seats
            if (showtime_id, seat) in tables.claims
        ]

    def live_seats(
        self, auditorium_id: AuditoriumId, *, among: Sequence[SeatRange], at: datetime
    ) -> tuple[Seat, ...]:
        tables = self._kept.tables
        live = {
            seat
            for (showtime_id, seat), reservation_id in tables.claims.items()
            if any(seat in seats for seats in among)
            and self._is_unfinished(tables.showtimes[showtime_id], auditorium_id, at)
            and self._holder(seat, tables.reservations[reservation_id]).holds_at(at)
        }
        return tuple(live)

    def add(self, reservation: Reservation) -> None:
        state, tables = reservation.state, self._kept.tables
        seats = [held.seat for held in state.seats]
        holders = self.holders_of(state.showtime_id, seats=seats)
        taken = [holder.seat for holder in holders if holder.holds_at(state.created_at)]
        if taken:
            raise SeatsAlreadyTakenError(state.showtime_id, seats=taken)
        if holders:
            raise ConcurrentWriteError("claimed, and let go")
        self._kept.insert(tables.reservations, key=state.reservation_id, aggregate=reservation)
        tables.claims |= {(state.showtime_id, seat): state.reservation_id for seat in seats}

    def save(self, reservation: Reservation) -> None:
        if not reservation.new_events:
            return
        state, tables = reservation.state, self._kept.tables
        self._kept.replace(tables.reservations, key=state.reservation_id, aggregate=reservation)
        if state.status is ReservationStatus.CANCELLED:
            for held in state.seats:
                del tables.claims[state.showtime_id, held.seat]

    @staticmethod
    def _holder(seat: Seat, state: ReservationState) -> SeatHolder:
        held_until = state.expires_at if state.status is ReservationStatus.PENDING else None
        return SeatHolder(seat=seat, reservation_id=state.reservation_id, held_until=held_until)

    @staticmethod
    def _is_unfinished(state: ShowtimeState, auditorium_id: AuditoriumId, at: datetime) -> bool:
        return (
            state.auditorium_id == auditorium_id
            and state.status is ShowtimeStatus.SCHEDULED
            and at < state.screening.ends_at
        )


class FakeCustomerRepository:
    """Nothing to lock: one unit of work runs at a time."""

    def lock(self, customer_id: CustomerId) -> None:
        del customer_id


class FakeCommandLedger:
    """Answers by their request's key, oldest first. Nothing is ever in flight: one unit of work runs at a time."""

    def __init__(self, kept: _Kept, *, request: RequestKey) -> None:
        self._kept = kept
        self._request = request

    def recall(self) -> LedgerEntry | None:
        known = self._kept.tables.answers.get(self._request.key)
        if known is None:
            self._kept.tables.answers[self._request.key] = (
                self._request.fingerprint,
                None,
                datetime.now(UTC),
            )
            return None
        fingerprint, entry, _ = known
        if fingerprint != self._request.fingerprint:
            raise KeyReusedError
        assert entry is not None, "an entry without its answer was committed"
        return entry

    def answered(self, outcome: Outcome[Any]) -> None:
        entry = LedgerEntry(answer=as_kept(outcome), sequence=outcome.sequence)
        answers = self._kept.tables.answers
        if self._request.key in answers:
            answers[self._request.key] = (self._request.fingerprint, entry, answers[self._request.key][2])

    def forget(self, *, until: datetime, most: int) -> int:
        answers = self._kept.tables.answers
        old = [key for key, (_, _, made) in answers.items() if made < until][:most]
        for key in old:
            del answers[key]
        return len(old)


State = TypeVar("State")


class FakeUnitOfWork:
    """Works on a snapshot, which `commit` makes the truth."""

    def __init__(self, store: "FakeWriteStore", context: CommandContext) -> None:
        self._store = store
        self._context = context
        self._kept = _Kept(store.tables.snapshot())
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
