"""Reservations, their claims on seats, and their customers in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from shared.application.errors import ConcurrentWriteError
from shared.application.repositories import SeatHolder
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatRange
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.reservations.reservation import (
    CustomerId,
    Reservation,
    ReservationState,
    ReservationStatus,
)
from shared.domain.showtimes.showtime import ShowtimeState, ShowtimeStatus
from tests.fakes.write_tables import Kept


class FakeReservationRepository:
    """Reservations and claims in dictionaries."""

    def __init__(self, kept: Kept) -> None:
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
