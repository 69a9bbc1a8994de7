"""What the write side ought to answer, in plain words: a model that a history of commands is compared with."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shared.application.errors import NotFoundError
from shared.domain.errors import CinemaError
from shared.domain.reservations.errors import (
    ReservationExpiredError,
    ReservationIsCancelledError,
    SeatsAlreadyTakenError,
    TooManyHoldsError,
)
from shared.domain.showtimes.errors import ShowtimeCancelledError, ShowtimeStartedError

HOLD = timedelta(minutes=10)
MOST_LIVE_HOLDS = 2

Refusal = type[CinemaError] | None
"""Which error a command must be refused with; None if it must succeed."""


@dataclass
class ModelShowtime:
    """A showtime that takes place, or not."""

    starts_at: datetime
    is_cancelled: bool = False


@dataclass
class ModelReservation:
    """Seats with a customer. `reason` is there once they are free again."""

    showtime_id: UUID
    customer_id: UUID
    seats: frozenset[str]
    expires_at: datetime
    status: str = "Pending"
    reason: str | None = None

    def has_ended(self, at: datetime) -> bool:
        return self.status == "Pending" and at >= self.expires_at

    def let_go(self, reason: str, *, at: datetime) -> None:
        self.reason = "expired" if self.has_ended(at) else reason
        self.status = "Cancelled"


@dataclass
class BoxOfficeModel:
    """The whole house at a moment. Each method tells what must happen, and lets it happen here."""

    now: datetime
    showtimes: dict[UUID, ModelShowtime] = field(default_factory=dict[UUID, ModelShowtime])
    reservations: dict[UUID, ModelReservation] = field(default_factory=dict[UUID, ModelReservation])

    def refusal_to_reserve(self, showtime_id: UUID, *, customer_id: UUID, seats: frozenset[str]) -> Refusal:
        showtime = self.showtimes[showtime_id]
        if showtime.is_cancelled:
            return ShowtimeCancelledError
        if self.now >= showtime.starts_at:
            return ShowtimeStartedError
        mine = [one for one in self.reservations.values() if one.customer_id == customer_id]
        live = [one for one in mine if one.status == "Pending" and not one.has_ended(self.now)]
        if len(live) >= MOST_LIVE_HOLDS:
            return TooManyHoldsError
        taken = [one for one in self._claiming(showtime_id, seats) if not one.has_ended(self.now)]
        return SeatsAlreadyTakenError if taken else None

    def reserved(
        self, reservation_id: UUID, *, showtime_id: UUID, customer_id: UUID, seats: frozenset[str]
    ) -> None:
        for ended in self._claiming(showtime_id, seats):
            ended.let_go("expired", at=self.now)
        self.reservations[reservation_id] = ModelReservation(
            showtime_id, customer_id, seats, expires_at=self.now + HOLD
        )

    def _claiming(self, showtime_id: UUID, seats: frozenset[str]) -> list[ModelReservation]:
        return [
            one
            for one in self.reservations.values()
            if one.showtime_id == showtime_id and one.status != "Cancelled" and one.seats & seats
        ]

    def confirm(self, reservation_id: UUID) -> Refusal:
        reservation = self.reservations.get(reservation_id)
        if reservation is None:
            return NotFoundError
        refusal = None if reservation.status == "Confirmed" else self._refusal_to_sell(reservation)
        if refusal is None:
            reservation.status = "Confirmed"
        return refusal

    def _refusal_to_sell(self, reservation: ModelReservation) -> Refusal:
        showtime = self.showtimes[reservation.showtime_id]
        if reservation.reason == "expired" or reservation.has_ended(self.now):
            return ReservationExpiredError
        if reservation.reason == "customer":
            return ReservationIsCancelledError
        if reservation.reason == "showtime_cancelled" or showtime.is_cancelled:
            return ShowtimeCancelledError
        if self.now >= showtime.starts_at:
            return ShowtimeStartedError
        return None

    def cancel(self, reservation_id: UUID) -> Refusal:
        reservation = self.reservations.get(reservation_id)
        if reservation is None:
            return NotFoundError
        showtime = self.showtimes[reservation.showtime_id]
        has_started = not showtime.is_cancelled and self.now >= showtime.starts_at
        if reservation.status == "Confirmed" and has_started:
            return ShowtimeStartedError
        if reservation.status != "Cancelled":
            reservation.let_go("customer", at=self.now)
        return None

    def cancel_showtime(self, showtime_id: UUID) -> Refusal:
        showtime = self.showtimes[showtime_id]
        if not showtime.is_cancelled and self.now >= showtime.starts_at:
            return ShowtimeStartedError
        showtime.is_cancelled = True
        return None

    def clear_cancelled_showtimes(self) -> None:
        for reservation in self.reservations.values():
            if self.showtimes[reservation.showtime_id].is_cancelled and reservation.status != "Cancelled":
                reservation.let_go("showtime_cancelled", at=self.now)

    def expire_holds(self) -> None:
        for reservation in self.reservations.values():
            if reservation.has_ended(self.now):
                reservation.let_go("expired", at=self.now)

    def claims(self) -> dict[tuple[UUID, str], UUID]:
        """Which reservation has which seat."""
        return {
            (one.showtime_id, seat): reservation_id
            for reservation_id, one in self.reservations.items()
            if one.status != "Cancelled"
            for seat in one.seats
        }
