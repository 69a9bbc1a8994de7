"""A reservation: seats held for a customer for a while, then sold or free again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self
from uuid import UUID

from shared.domain.aggregate import Aggregate, DomainEvent
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatLayout
from shared.domain.reservations.booking_policy import BookingPolicy
from shared.domain.reservations.errors import (
    ReservationExpiredError,
    ReservationIsCancelledError,
    SeatsNotInLayoutError,
)
from shared.domain.showtimes.errors import ShowtimeCancelledError
from shared.domain.showtimes.showtime import Showtime
from shared.domain.text import readable_text

LONGEST_NOTE = 500

CustomerId = NewType("CustomerId", UUID)


class ReservationStatus(StrEnum):
    """Pending → Confirmed | Cancelled; Confirmed → Cancelled."""

    PENDING = "Pending"
    CONFIRMED = "Confirmed"
    CANCELLED = "Cancelled"


class CancellationReason(StrEnum):
    """Why a reservation's seats are free again."""

    CUSTOMER = "customer"
    EXPIRED = "expired"
    SHOWTIME_CANCELLED = "showtime_cancelled"


@dataclass(frozen=True, slots=True)
class ReservationSeat:
    """A seat as a part of one reservation: the same seat in another reservation is another one."""

    reservation_id: UUID
    seat: Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationState:
    """What is true of a reservation. `expires_at` is the end of the hold while it is pending."""

    reservation_id: UUID
    showtime_id: UUID
    customer_id: CustomerId
    seats: tuple[ReservationSeat, ...]
    status: ReservationStatus
    created_at: datetime
    expires_at: datetime
    version: int
    cancellation_reason: CancellationReason | None = None


class ReservationCreated(DomainEvent[ReservationState]):
    """Seats are held for a customer."""


class ReservationConfirmed(DomainEvent[ReservationState]):
    """The held seats are sold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationCancelled(DomainEvent[ReservationState]):
    """The seats are free again; `previous_status` says whether they had been held or sold."""

    previous_status: ReservationStatus
    reason: CancellationReason
    note: str | None = None


class Reservation(Aggregate[ReservationState]):
    """A customer's claim on some seats of a showtime."""

    @classmethod
    def hold(
        cls,
        reservation_id: UUID,
        *,
        customer_id: CustomerId,
        showtime: Showtime,
        layout: SeatLayout,
        seats: Sequence[Seat],
        policy: BookingPolicy,
        live_holds: int,
        at: datetime,
    ) -> Self:
        """Hold seats for a customer until the policy's hold is over.

        Whether somebody else has the seats is not judged here: that is settled when the claim on them is stored.

        Raises:
            InvalidValueError: the choice of seats breaks the policy, or the auditorium lacks one.
            ShowtimeCancelledError: the showtime does not take place.
            ShowtimeStartedError: the film is running or over.
            TooManyHoldsError: the customer has as many live holds as the policy allows.
        """
        policy.ensure_seats_may_be_chosen(seats)
        showtime.ensure_on_sale(at)
        missing = [seat for seat in seats if not layout.has(seat)]
        if missing:
            raise SeatsNotInLayoutError(missing)
        policy.ensure_may_hold_more(live_holds)
        state = ReservationState(
            reservation_id=reservation_id,
            showtime_id=showtime.state.showtime_id,
            customer_id=customer_id,
            seats=tuple(ReservationSeat(reservation_id, seat) for seat in sorted(seats)),
            status=ReservationStatus.PENDING,
            created_at=at,
            expires_at=at + policy.hold,
            version=1,
        )
        return cls(state, events=[ReservationCreated(state=state, occurred_at=at)])

    def confirm(self, *, showtime: Showtime, at: datetime) -> None:
        """Sell the held seats. To confirm again changes nothing.

        Raises:
            ReservationExpiredError: the hold has ended, whether or not anybody has noticed yet.
            ReservationIsCancelledError: it was cancelled before.
            ShowtimeCancelledError: the showtime does not take place.
            ShowtimeStartedError: the film is running or over.
        """
        if self.state.status is ReservationStatus.CONFIRMED:
            return
        if self.state.cancellation_reason is CancellationReason.EXPIRED or self.hold_has_ended(at):
            raise ReservationExpiredError(self.state.reservation_id)
        if self.state.cancellation_reason is CancellationReason.SHOWTIME_CANCELLED:
            raise ShowtimeCancelledError(self.state.showtime_id)
        if self.state.status is ReservationStatus.CANCELLED:
            raise ReservationIsCancelledError(self.state.reservation_id)
        showtime.ensure_on_sale(at)
        confirmed = self._next(status=ReservationStatus.CONFIRMED)
        self._record(ReservationConfirmed(state=confirmed, occurred_at=at))

    def cancel(self, *, showtime: Showtime, at: datetime, note: str | None = None) -> None:
        """Give the seats back. To cancel again changes nothing.

        Sold seats can be given back until the film starts, held ones at any time. A hold that has ended is
        recorded as expired, so that history is the same whether a timer or the customer came first.

        Raises:
            InvalidValueError: the note can't be read.
            ShowtimeStartedError: the seats are sold and the film is running or over.
        """
        reason = readable_text(note, field="reason", longest=LONGEST_NOTE) if note is not None else None
        if self.state.status is ReservationStatus.CANCELLED or self.expire(at=at):
            return
        if self.state.status is ReservationStatus.CONFIRMED:
            showtime.ensure_not_started(at)
        self._let_go(CancellationReason.CUSTOMER, at=at, note=reason)

    def cancel_with_showtime(self, *, at: datetime) -> None:
        """Let the seats go, held or sold, because the showtime does not take place.

        As when the customer cancels, a cancelled reservation stays as it is, and a hold that has ended expires.
        """
        if self.state.status is ReservationStatus.CANCELLED or self.expire(at=at):
            return
        self._let_go(CancellationReason.SHOWTIME_CANCELLED, at=at)

    def expire(self, *, at: datetime) -> bool:
        """Let the seats go if the hold has ended; says whether it did so."""
        if not self.hold_has_ended(at):
            return False
        self._let_go(CancellationReason.EXPIRED, at=at)
        return True

    def hold_has_ended(self, at: datetime) -> bool:
        """Whether the reservation still waits for a confirmation that comes too late."""
        return self.state.status is ReservationStatus.PENDING and at >= self.state.expires_at

    def _let_go(self, reason: CancellationReason, *, at: datetime, note: str | None = None) -> None:
        previous = self.state.status
        cancelled = self._next(status=ReservationStatus.CANCELLED, reason=reason)
        self._record(
            ReservationCancelled(
                state=cancelled, occurred_at=at, previous_status=previous, reason=reason, note=note
            )
        )

    def _next(
        self, *, status: ReservationStatus, reason: CancellationReason | None = None
    ) -> ReservationState:
        return replace(self.state, status=status, cancellation_reason=reason, version=self.state.version + 1)
