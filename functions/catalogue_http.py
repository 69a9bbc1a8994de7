"""Commands on movies and auditoriums."""

import azure.functions as func

from functions.answers import auditorium_answer, movie_answer
from functions.command_bodies import AuditoriumBody, MovieBody
from functions.http_support import command_context, read_body, version_condition
from functions.problems import refusals_as_problems
from shared.application.catalogue.register_auditorium import RegisterAuditorium
from shared.application.catalogue.register_movie import RegisterMovie
from shared.bootstrap.write_side import write_side
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.movie import MovieId
from shared.domain.catalogue.seat_layout import SeatLayout, SeatRow

bp = func.Blueprint()


@bp.route("api/movies/{movieId}", methods=[func.HttpMethod.PUT], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def register_movie(req: func.HttpRequest) -> func.HttpResponse:
    """Register or correct a movie."""
    side = write_side()
    body = read_body(req, MovieBody, limit_bytes=side.max_body_bytes)
    command = RegisterMovie(
        movie_id=MovieId(req.route_params["movieId"]),
        title=body.title,
        runtime_minutes=body.runtime_minutes,
        condition=version_condition(req),
    )
    return movie_answer(side.register_movie(command, context=command_context(req, side.ids)))


@bp.route(
    "api/auditoriums/{auditoriumId}", methods=[func.HttpMethod.PUT], auth_level=func.AuthLevel.ANONYMOUS
)
@refusals_as_problems
def register_auditorium(req: func.HttpRequest) -> func.HttpResponse:
    """Register, rename or refit an auditorium."""
    side = write_side()
    body = read_body(req, AuditoriumBody, limit_bytes=side.max_body_bytes)
    command = RegisterAuditorium(
        auditorium_id=AuditoriumId(req.route_params["auditoriumId"]),
        name=body.name,
        layout=SeatLayout.of(SeatRow(row.row, row.seats) for row in body.rows),
        condition=version_condition(req),
    )
    return auditorium_answer(side.register_auditorium(command, context=command_context(req, side.ids)))
