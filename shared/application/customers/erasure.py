"""An erasure that is under way, and what can stand in its way.

    ErasureError
    ├── LiveBookingsError         the customer has bookings that are not over
    ├── EventsUnderWayError       what was committed before has not passed every sink and every view in time
    ├── NotRewritableError        something names the customer, and is no event of ours
    ├── ErasureTakenOverError     another run goes on with it
    └── ErasureUnfinishedError    bookings under the old id kept coming

After each of them the erasure stays under way: run again, it goes on with the same pseudonym.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A customer whose id is being replaced. `run` is who works on it: the last that began keeps all others out."""

    customer_id: UUID
    pseudonym: UUID
    run: UUID
    began_at: datetime

    def pseudonym_for(self, owner: UUID | None) -> UUID:
        """What an event or a document of a reservation is rewritten to, by what its row says of whose it is.

        The row has another id than the customer's own where it was rewritten before, by this erasure or by a former one.
        """
        return self.pseudonym if owner is None or owner == self.customer_id else owner


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBooking:
    """Seats that a customer holds or has bought for a screening that is not over."""

    reservation_id: UUID
    showtime_id: UUID
    status: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class EventPlace:
    """An event's place in its stream."""

    stream_id: str
    sequence: int


class ErasureError(Exception):
    """A customer could not be forgotten just now."""


class LiveBookingsError(ErasureError):
    """The customer has bookings that are not over."""

    def __init__(self, bookings: Sequence[LiveBooking]) -> None:
        named = "; ".join(
            f"{booking.reservation_id} ({booking.status}, starts {booking.starts_at.isoformat()})"
            for booking in bookings
        )
        super().__init__(
            f"The customer has bookings that are not over: {named}. Cancel them or wait, or say --also-live"
        )
        self.bookings = tuple(bookings)


class EventsUnderWayError(ErasureError):
    """Events of the customer's have not arrived everywhere. `waiting` counts them by the sink or the view."""

    def __init__(self, waiting: Mapping[str, int], *, seconds: float) -> None:
        named = ", ".join(f"{count} for {where}" for where, count in sorted(waiting.items()))
        super().__init__(
            f"Events of the customer still wait after {seconds:g} s: {named}. "
            "Run it again once they have arrived; it goes on with the same pseudonym"
        )
        self.waiting = dict(waiting)


class NotRewritableError(ErasureError):
    """Something names the customer, and is no event of ours. A person has to discard it."""

    def __init__(self, station: str, *, ids: Sequence[str]) -> None:
        super().__init__(
            f"{station}: {', '.join(ids)} names the customer and is no event of ours: discard it"
        )
        self.station = station
        self.ids = tuple(ids)


class ErasureTakenOverError(ErasureError):
    """Another run for the same customer has begun after this one, or has ended it."""

    def __init__(self) -> None:
        super().__init__("Another run has taken this customer over")


class ErasureUnfinishedError(ErasureError):
    """The old id came back in every round: somebody keeps booking under it."""

    def __init__(self, rounds: int) -> None:
        super().__init__(f"After {rounds} rounds new bookings under the old id still come. Run it again")
        self.rounds = rounds
