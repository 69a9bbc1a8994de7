"""What reports are made of. docs/reports.md says what each figure means exactly; the names are the CSV's headers.

Times are in the cinema's time zone, shares are between 0 and 1, durations are in seconds.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


def share(part: int, *, of: int) -> float:
    """A part of a whole; of nothing it is 0."""
    return part / of if of else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowtimeSales:
    """The seats of a showtime as they are now, and those that were ever given back."""

    showtime_id: UUID
    movie_id: str
    movie_title: str
    auditorium_id: str
    screening_time: datetime
    status: str
    capacity: int
    seats_sold: int
    seats_held: int
    seats_cancelled: int
    occupancy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieDay:
    """A movie's showtimes of one day. Capacity, sold and held are of those that take place."""

    day: date
    movie_id: str
    movie_title: str
    showtimes: int
    showtimes_cancelled: int
    capacity: int
    seats_sold: int
    seats_held: int
    seats_cancelled: int
    occupancy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldConversion:
    """What became of holds. Each is in exactly one of the five counts from `confirmed` to `still_held`."""

    holds: int
    confirmed: int
    expired: int
    cancelled_by_customer: int
    showtime_cancelled: int
    still_held: int
    conversion: float
    given_back: int
    """Those of `confirmed` that were cancelled after they had been sold."""
    median_seconds_to_confirm: float | None
    mean_seconds_to_confirm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingHour:
    """The bookings of one hour of the week; `weekday` is 1 on Mondays and 7 on Sundays, as in ISO 8601."""

    weekday: int
    hour: int
    bookings: int
    seats: int
