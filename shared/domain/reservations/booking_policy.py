"""What the house allows a customer to book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.catalogue.seat import Seat
from shared.domain.reservations.errors import (
    NoSeatsChosenError,
    SeatsChosenTwiceError,
    SeatsNotAdjacentError,
    TooManyHoldsError,
    TooManySeatsError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicy:
    """The house rules.

    Attributes:
        hold: how long seats wait for the customer's confirmation.
        most_seats: the largest reservation.
        most_live_holds: how many reservations of one customer may wait at once.
        adjacent_seats_only: whether the seats must be side by side in one row.
    """

    hold: timedelta
    most_seats: int
    most_live_holds: int
    adjacent_seats_only: bool

    def ensure_seats_may_be_chosen(self, seats: Sequence[Seat]) -> None:
        """Judge a choice of seats by itself, whatever the auditorium.

        Raises:
            NoSeatsChosenError: there is none.
            TooManySeatsError: there are more than one reservation may have.
            SeatsChosenTwiceError: a seat is there twice.
            SeatsNotAdjacentError: the house wants them side by side, and they are not.
        """
        if not seats:
            raise NoSeatsChosenError
        if len(seats) > self.most_seats:
            raise TooManySeatsError(most=self.most_seats)
        if len(set(seats)) < len(seats):
            raise SeatsChosenTwiceError
        if self.adjacent_seats_only and not _side_by_side(seats):
            raise SeatsNotAdjacentError

    def ensure_may_hold_more(self, live_holds: int) -> None:
        """Judge whether a customer who has so many live holds may have another.

        Raises:
            TooManyHoldsError: the customer may not.
        """
        if live_holds >= self.most_live_holds:
            raise TooManyHoldsError(most=self.most_live_holds)


def _side_by_side(seats: Sequence[Seat]) -> bool:
    """Whether the seats, each there once, are a run of numbers in one row."""
    numbers = [seat.number for seat in seats]
    return len({seat.row for seat in seats}) == 1 and max(numbers) - min(numbers) == len(seats) - 1
