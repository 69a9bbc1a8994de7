"""Commands on showtimes."""

import azure.functions as func

from functions.answers import showtime_answer
from functions.command_bodies import ShowtimeBody
from functions.http_support import command_context, read_body
from functions.problems import refusals_as_problems
from shared.application.showtimes.create_showtime import CreateShowtime
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
