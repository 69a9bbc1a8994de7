"""Asks the cinema's read service: showtimes, reservations, live seat maps.

async with CinemaClient("localhost:50051") as cinema:
    showtime = await cinema.showtime(showtime_id, min_sequence=7)
"""

from cinema_client.client import CinemaClient
from cinema_client.errors import (
    CinemaError,
    DeadlineExceededError,
    FieldViolation,
    InvalidQueryError,
    NotFoundError,
    NotReachedError,
    UnavailableError,
    UnexpectedStatusError,
)
from cinema_client.generated.cinema.read.v1.cinema_query_pb2 import (
    GetReservationResponse,
    GetShowtimeResponse,
    Reservation,
    Seat,
    ShowtimeSummary,
)
from cinema_client.seat_map import SeatMap, SeatPlace

__all__ = [
    "CinemaClient",
    "CinemaError",
    "DeadlineExceededError",
    "FieldViolation",
    "GetReservationResponse",
    "GetShowtimeResponse",
    "InvalidQueryError",
    "NotFoundError",
    "NotReachedError",
    "Reservation",
    "Seat",
    "SeatMap",
    "SeatPlace",
    "ShowtimeSummary",
    "UnavailableError",
    "UnexpectedStatusError",
]
