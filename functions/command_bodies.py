"""The bodies of commands. Shapes and types are judged here, and strictly; what the values mean, by the domain."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from functions.wire_types import WireTime, WireUuid


class CommandBody(BaseModel):
    """A body: no field that is not known, no value of another type, camelCase names."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=to_camel)


class NoBody(CommandBody):
    """The body of a command that says everything in its path."""


class MovieBody(CommandBody):
    """PUT /api/movies/{movieId}."""

    title: str
    runtime_minutes: int


class SeatRowBody(CommandBody):
    """A row of an auditorium and how many seats it has."""

    row: str
    seats: int


class AuditoriumBody(CommandBody):
    """PUT /api/auditoriums/{auditoriumId}."""

    name: str
    rows: tuple[SeatRowBody, ...]


class ShowtimeBody(CommandBody):
    """POST /api/showtimes."""

    movie_id: str
    auditorium_id: str
    screening_time: WireTime


class ScreeningTimeBody(CommandBody):
    """PUT /api/showtimes/{showtimeId}."""

    screening_time: WireTime


class SeatBody(CommandBody):
    """A seat by row and number."""

    row: str
    number: int


class ReservationBody(CommandBody):
    """POST /api/reservations."""

    showtime_id: WireUuid
    customer_id: WireUuid
    seats: Annotated[tuple[SeatBody, ...], Field(min_length=1)]


class CancellationBody(CommandBody):
    """POST /api/reservations/{reservationId}/cancel and /api/showtimes/{showtimeId}/cancel."""

    reason: str | None = None


class DiscardBody(CommandBody):
    """POST /api/ops/dead-letters/{id}/discard. `event_id` is the event that the caller means to leave out."""

    event_id: WireUuid | None = None
