"""The commands as the OpenAPI document tells them: a row for each HTTP function that changes something.

What every command may be refused for stands once, in `problem_types`.
"""

from dataclasses import dataclass
from http import HTTPStatus

from functions.answers import AuditoriumAnswer, MovieAnswer, ReservationAnswer, ShowtimeAnswer
from functions.command_bodies import (
    AuditoriumBody,
    CancellationBody,
    CommandBody,
    MovieBody,
    NoBody,
    ReservationBody,
    ScreeningTimeBody,
    ShowtimeBody,
)
from shared.application.errors import NotFoundError, VersionMismatchError
from shared.contracts.wire import WireModel
from shared.domain.catalogue.errors import LayoutInUseError
from shared.domain.errors import CinemaError
from shared.domain.reservations.errors import (
    ReservationExpiredError,
    ReservationIsCancelledError,
    SeatsAlreadyTakenError,
    TooManyHoldsError,
)
from shared.domain.showtimes.errors import (
    ShowtimeCancelledError,
    ShowtimeOverlapError,
    ShowtimeStartedError,
)

CREATED_OR_CHANGED = (HTTPStatus.CREATED, HTTPStatus.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An HTTP function, found by its name, and what its caller must know.

    `located`: a 201 says where to read what was made. `conditional`: If-Match is honoured.
    """

    function: str
    method: str
    path: str
    tag: str
    summary: str
    body: type[CommandBody]
    body_required: bool = True
    answer: type[WireModel]
    successes: tuple[HTTPStatus, ...] = (HTTPStatus.OK,)
    located: bool = False
    conditional: bool = False
    refusals: tuple[type[CinemaError], ...] = ()


COMMANDS = (
    Command(
        function="register_movie",
        method="PUT",
        path="/api/movies/{movieId}",
        tag="Catalogue",
        summary="Register or correct a movie.",
        body=MovieBody,
        answer=MovieAnswer,
        successes=CREATED_OR_CHANGED,
        conditional=True,
        refusals=(VersionMismatchError,),
    ),
    Command(
        function="register_auditorium",
        method="PUT",
        path="/api/auditoriums/{auditoriumId}",
        tag="Catalogue",
        summary="Register, rename or refit an auditorium.",
        body=AuditoriumBody,
        answer=AuditoriumAnswer,
        successes=CREATED_OR_CHANGED,
        conditional=True,
        refusals=(VersionMismatchError, LayoutInUseError),
    ),
    Command(
        function="create_showtime",
        method="POST",
        path="/api/showtimes",
        tag="Showtimes",
        summary="Put a movie on the programme.",
        body=ShowtimeBody,
        answer=ShowtimeAnswer,
        successes=(HTTPStatus.CREATED,),
        located=True,
        refusals=(NotFoundError, ShowtimeOverlapError),
    ),
    Command(
        function="reschedule_showtime",
        method="PUT",
        path="/api/showtimes/{showtimeId}",
        tag="Showtimes",
        summary="Move a showtime to another time.",
        body=ScreeningTimeBody,
        answer=ShowtimeAnswer,
        conditional=True,
        refusals=(
            NotFoundError,
            VersionMismatchError,
            ShowtimeOverlapError,
            ShowtimeStartedError,
            ShowtimeCancelledError,
        ),
    ),
    Command(
        function="cancel_showtime",
        method="POST",
        path="/api/showtimes/{showtimeId}/cancel",
        tag="Showtimes",
        summary="Take a showtime off the programme. Once cancelled, the same again changes nothing.",
        body=CancellationBody,
        body_required=False,
        answer=ShowtimeAnswer,
        conditional=True,
        refusals=(NotFoundError, VersionMismatchError, ShowtimeStartedError),
    ),
    Command(
        function="reserve_seats",
        method="POST",
        path="/api/reservations",
        tag="Reservations",
        summary="Hold seats for a customer.",
        body=ReservationBody,
        answer=ReservationAnswer,
        successes=(HTTPStatus.CREATED,),
        located=True,
        refusals=(
            NotFoundError,
            SeatsAlreadyTakenError,
            TooManyHoldsError,
            ShowtimeStartedError,
            ShowtimeCancelledError,
        ),
    ),
    Command(
        function="confirm_reservation",
        method="POST",
        path="/api/reservations/{reservationId}/confirm",
        tag="Reservations",
        summary="Sell the held seats. Once sold, the same again changes nothing.",
        body=NoBody,
        body_required=False,
        answer=ReservationAnswer,
        conditional=True,
        refusals=(
            NotFoundError,
            VersionMismatchError,
            ReservationExpiredError,
            ReservationIsCancelledError,
            ShowtimeStartedError,
            ShowtimeCancelledError,
        ),
    ),
    Command(
        function="cancel_reservation",
        method="POST",
        path="/api/reservations/{reservationId}/cancel",
        tag="Reservations",
        summary="Take the seats back. Once cancelled, the same again changes nothing.",
        body=CancellationBody,
        body_required=False,
        answer=ReservationAnswer,
        conditional=True,
        refusals=(NotFoundError, VersionMismatchError, ShowtimeStartedError),
    ),
)
