"""What the write side ought to answer, in plain words: a model that a history of commands is compared with."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shared.application.errors import NotFoundError
from shared.domain.catalogue.errors import LayoutInUseError
from shared.domain.errors import CinemaError
from shared.domain.reservations.errors import (
    ReservationExpiredError,
    ReservationIsCancelledError,
    SeatsAlreadyTakenError,
    SeatsNotInLayoutError,
    TooManyHoldsError,
)
from shared.domain.showtimes.errors import (
    ShowtimeCancelledError,
    ShowtimeInThePastError,
    ShowtimeOverlapError,
    ShowtimeStartedError,
)

HOLD = timedelta(minutes=10)
MOST_LIVE_HOLDS = 2

Refusal = type[CinemaError] | None
"""Which error a command must be refused with; None if it must succeed."""


@dataclass
class ModelShowtime:
    """A showtime that takes place, or not."""

    starts_at: datetime
    ends_at: datetime
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
    cleaning_gap: timedelta
    runtime: timedelta
    rows: dict[str, int]
    showtimes: dict[UUID, ModelShowtime] = field(default_factory=dict[UUID, ModelShowtime])
    reservations: dict[UUID, ModelReservation] = field(default_factory=dict[UUID, ModelReservation])

    def schedule(self, showtime_id: UUID, *, starts_at: datetime) -> Refusal:
        ends_at = starts_at + self.runtime + self.cleaning_gap
        if starts_at <= self.now:
            return ShowtimeInThePastError
        for other_id, other in self.showtimes.items():
            is_in_the_way = starts_at < other.ends_at and other.starts_at < ends_at
            if other_id != showtime_id and not other.is_cancelled and is_in_the_way:
                return ShowtimeOverlapError
        self.showtimes[showtime_id] = ModelShowtime(starts_at, ends_at)
        return None

    def reschedule(self, showtime_id: UUID, *, starts_at: datetime) -> Refusal:
        showtime = self.showtimes[showtime_id]
        if showtime.is_cancelled:
            return ShowtimeCancelledError
        if showtime.starts_at == starts_at:
            return None
        if self.now >= showtime.starts_at:
            return ShowtimeStartedError
        return self.schedule(showtime_id, starts_at=starts_at)

    def refit(self, rows: dict[str, int]) -> Refusal:
        for (showtime_id, seat), reservation_id in self.claims().items():
            showtime = self.showtimes[showtime_id]
            is_over = showtime.is_cancelled or self.now >= showtime.ends_at
            is_live = not self.reservations[reservation_id].has_ended(self.now)
            if is_live and not is_over and not has_seat(rows, seat):
                return LayoutInUseError
        self.rows = rows
        return None

    def refusal_to_reserve(self, showtime_id: UUID, *, customer_id: UUID, seats: frozenset[str]) -> Refusal:
        showtime = self.showtimes[showtime_id]
        if showtime.is_cancelled:
            return ShowtimeCancelledError
        if self.now >= showtime.starts_at:
            return ShowtimeStartedError
        if not all(has_seat(self.rows, seat) for seat in seats):
            return SeatsNotInLayoutError
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


def has_seat(rows: dict[str, int], seat: str) -> bool:
    """Whether an auditorium with such rows has the seat."""
    row, number = seat.split("-")
    return int(number) <= rows.get(row, 0)
