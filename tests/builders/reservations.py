"""Reservations for tests."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID, uuid4

from shared.domain.catalogue.seat import Seat
from shared.domain.reservations.booking_policy import BookingPolicy
from shared.domain.reservations.reservation import CustomerId, Reservation
from shared.domain.showtimes.showtime import Showtime
from tests.builders.catalogue import an_auditorium, seats
from tests.builders.showtimes import NOON, a_showtime

HOLD = timedelta(minutes=10)
HOUSE_RULES = BookingPolicy(hold=HOLD, most_seats=4, most_live_holds=2, adjacent_seats_only=True)


def a_customer() -> CustomerId:
    return CustomerId(uuid4())


@dataclass(frozen=True)
class ReservationBuilder:
    """A hold on A-1 and A-2 that began at noon, unless it is told otherwise."""

    reservation_id: UUID = field(default_factory=uuid4)
    customer_id: CustomerId = field(default_factory=a_customer)
    showtime: Showtime = field(default_factory=lambda: a_showtime().build())
    seats: tuple[Seat, ...] = seats("A-1", "A-2")
    at: datetime = NOON

    def of(self, showtime: Showtime) -> Self:
        return replace(self, showtime=showtime)

    def by(self, customer_id: CustomerId) -> Self:
        return replace(self, customer_id=customer_id)

    def on(self, *names: str) -> Self:
        return replace(self, seats=seats(*names))

    def held_since(self, at: datetime) -> Self:
        return replace(self, at=at)

    def held(self, *, policy: BookingPolicy = HOUSE_RULES, live_holds: int = 0) -> Reservation:
        """Newly held, with its event still to be stored."""
        return Reservation.hold(
            self.reservation_id,
            customer_id=self.customer_id,
            showtime=self.showtime,
            layout=an_auditorium().layout,
            seats=self.seats,
            policy=policy,
            live_holds=live_holds,
            at=self.at,
        )

    def build(self) -> Reservation:
        """Held, as it was stored."""
        return Reservation.restore(self.held().state)

    def confirmed(self) -> Reservation:
        """Sold, as it was stored."""
        reservation = self.held()
        reservation.confirm(showtime=self.showtime, at=self.at)
        return Reservation.restore(reservation.state)

    def cancelled(self) -> Reservation:
        """Given back by the customer, as it was stored."""
        reservation = self.held()
        reservation.cancel(showtime=self.showtime, at=self.at)
        return Reservation.restore(reservation.state)


def a_reservation() -> ReservationBuilder:
    return ReservationBuilder()
