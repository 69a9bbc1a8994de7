"""What commands answer: the aggregate as it is now, with its version as the entity tag.

Every answer ends with the aggregate's `version` and with `sequence`, the place in its stream that a reader must have
reached to see it.
"""

from http import HTTPStatus
from uuid import UUID

import azure.functions as func

from shared.application.outcome import Outcome
from shared.contracts.events import ReservationStatus, SeatData, SeatRowData, ShowtimeStatus
from shared.contracts.wire import UtcTime, WireModel
from shared.domain.catalogue.auditorium import AuditoriumState
from shared.domain.catalogue.movie import MovieState
from shared.domain.reservations.reservation import ReservationState
from shared.domain.showtimes.showtime import ShowtimeState


class MovieAnswer(WireModel):
    """A movie."""

    movie_id: str
    title: str
    runtime_minutes: int
    version: int
    sequence: int


class AuditoriumAnswer(WireModel):
    """An auditorium."""

    auditorium_id: str
    name: str
    rows: tuple[SeatRowData, ...]
    version: int
    sequence: int


class ShowtimeAnswer(WireModel):
    """A showtime. `ends_at` includes the cleaning gap."""

    showtime_id: UUID
    movie_id: str
    auditorium_id: str
    screening_time: UtcTime
    ends_at: UtcTime
    status: ShowtimeStatus
    version: int
    sequence: int


class ReservationAnswer(WireModel):
    """A reservation. `expires_at` is the end of the hold while it is pending."""

    reservation_id: UUID
    showtime_id: UUID
    customer_id: UUID
    seats: tuple[SeatData, ...]
    status: ReservationStatus
    expires_at: UtcTime
    version: int
    sequence: int


def movie_answer(outcome: Outcome[MovieState]) -> func.HttpResponse:
    """The answer to a command on a movie."""
    state = outcome.state
    answer = MovieAnswer(
        movie_id=str(state.movie_id),
        title=state.title,
        runtime_minutes=state.runtime_minutes,
        version=state.version,
        sequence=outcome.sequence,
    )
    return _response(answer, created=outcome.created)


def auditorium_answer(outcome: Outcome[AuditoriumState]) -> func.HttpResponse:
    """The answer to a command on an auditorium."""
    state = outcome.state
    answer = AuditoriumAnswer(
        auditorium_id=str(state.auditorium_id),
        name=state.name,
        rows=tuple(SeatRowData(row=row.row, seats=row.seats) for row in state.layout.rows),
        version=state.version,
        sequence=outcome.sequence,
    )
    return _response(answer, created=outcome.created)


def showtime_answer(outcome: Outcome[ShowtimeState]) -> func.HttpResponse:
    """The answer to a command on a showtime, with the place to read it at."""
    state = outcome.state
    answer = ShowtimeAnswer(
        showtime_id=state.showtime_id,
        movie_id=str(state.movie_id),
        auditorium_id=str(state.auditorium_id),
        screening_time=state.screening.starts_at,
        ends_at=state.screening.ends_at,
        status=state.status.value,
        version=state.version,
        sequence=outcome.sequence,
    )
    location = f"/api/showtimes/{state.showtime_id}"
    return _response(answer, created=outcome.created, location=location)


def reservation_answer(outcome: Outcome[ReservationState]) -> func.HttpResponse:
    """The answer to a command on a reservation, with the place to read it at."""
    state = outcome.state
    answer = ReservationAnswer(
        reservation_id=state.reservation_id,
        showtime_id=state.showtime_id,
        customer_id=state.customer_id,
        seats=tuple(SeatData(row=held.seat.row, number=held.seat.number) for held in state.seats),
        status=state.status.value,
        expires_at=state.expires_at,
        version=state.version,
        sequence=outcome.sequence,
    )
    location = f"/api/reservations/{state.reservation_id}"
    return _response(answer, created=outcome.created, location=location)


def _response(
    answer: MovieAnswer | AuditoriumAnswer | ShowtimeAnswer | ReservationAnswer,
    *,
    created: bool,
    location: str | None = None,
) -> func.HttpResponse:
    """A created thing's Location asks the read side to wait until it has seen it, so that it never says 404."""
    headers = {"ETag": f'"{answer.version}"'}
    if created and location:
        headers["Location"] = f"{location}?min_sequence={answer.sequence}"
    return func.HttpResponse(
        answer.model_dump_json(by_alias=True),
        status_code=HTTPStatus.CREATED if created else HTTPStatus.OK,
        headers=headers,
        mimetype="application/json",
    )
