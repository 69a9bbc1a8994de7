"""Commands on showtimes."""

import azure.functions as func

from functions.answers import showtime_answer
from functions.command_bodies import CancellationBody, ScreeningTimeBody, ShowtimeBody
from functions.http_support import (
    command_context,
    read_body,
    read_optional_body,
    uuid_in_path,
    version_condition,
)
from functions.problems import refusals_as_problems
from shared.application.showtimes.cancel_showtime import CancelShowtime
from shared.application.showtimes.create_showtime import CreateShowtime
from shared.application.showtimes.reschedule_showtime import RescheduleShowtime
from shared.bootstrap.write_side import write_side
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.movie import MovieId

bp = func.Blueprint()


@bp.route("api/showtimes", methods=[func.HttpMethod.POST], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def create_showtime(req: func.HttpRequest) -> func.HttpResponse:
    """Put a movie on the programme."""
    side = write_side()
    body = read_body(req, ShowtimeBody, limit_bytes=side.max_body_bytes)
    command = CreateShowtime(
        showtime_id=side.ids.new_id(),
        movie_id=MovieId(body.movie_id),
        auditorium_id=AuditoriumId(body.auditorium_id),
        starts_at=body.screening_time,
    )
    return showtime_answer(side.create_showtime(command, context=command_context(req, side.ids)))


@bp.route("api/showtimes/{showtimeId}", methods=[func.HttpMethod.PUT], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def reschedule_showtime(req: func.HttpRequest) -> func.HttpResponse:
    """Move a showtime to another time."""
    side = write_side()
    body = read_body(req, ScreeningTimeBody, limit_bytes=side.max_body_bytes)
    command = RescheduleShowtime(
        showtime_id=uuid_in_path(req, "showtimeId", resource="showtime"),
        starts_at=body.screening_time,
        condition=version_condition(req),
    )
    return showtime_answer(side.reschedule_showtime(command, context=command_context(req, side.ids)))


@bp.route(
    "api/showtimes/{showtimeId}/cancel", methods=[func.HttpMethod.POST], auth_level=func.AuthLevel.ANONYMOUS
)
@refusals_as_problems
def cancel_showtime(req: func.HttpRequest) -> func.HttpResponse:
    """Take a showtime off the programme."""
    side = write_side()
    body = read_optional_body(req, CancellationBody, limit_bytes=side.max_body_bytes)
    command = CancelShowtime(
        showtime_id=uuid_in_path(req, "showtimeId", resource="showtime"),
        note=body.reason,
        condition=version_condition(req),
    )
    return showtime_answer(side.cancel_showtime(command, context=command_context(req, side.ids)))
