"""Commands on reservations."""

import azure.functions as func

from functions.answers import reservation_answer
from functions.command_bodies import CancellationBody, NoBody, ReservationBody
from functions.http_support import (
    command_context,
    read_body,
    read_optional_body,
    uuid_in_path,
    version_condition,
)
from functions.problems import refusals_as_problems
from shared.application.reservations.cancel_reservation import CancelReservation
from shared.application.reservations.confirm_reservation import ConfirmReservation
from shared.application.reservations.reserve_seats import ReserveSeats
from shared.bootstrap.write_side import write_side
from shared.domain.catalogue.seat import Seat
from shared.domain.reservations.reservation import CustomerId

bp = func.Blueprint()


@bp.route("api/reservations", methods=[func.HttpMethod.POST], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def reserve_seats(req: func.HttpRequest) -> func.HttpResponse:
    """Hold seats for a customer."""
    side = write_side()
    body = read_body(req, ReservationBody, limit_bytes=side.max_body_bytes)
    command = ReserveSeats(
        reservation_id=side.ids.new_id(),
        showtime_id=body.showtime_id,
        customer_id=CustomerId(body.customer_id),
        seats=tuple(Seat(seat.row, seat.number) for seat in body.seats),
    )
    return reservation_answer(side.reserve_seats(command, context=command_context(req, side.ids)))


@bp.route(
    "api/reservations/{reservationId}/confirm",
    methods=[func.HttpMethod.POST],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@refusals_as_problems
def confirm_reservation(req: func.HttpRequest) -> func.HttpResponse:
    """Sell the held seats."""
    side = write_side()
    read_optional_body(req, NoBody, limit_bytes=side.max_body_bytes)
    command = ConfirmReservation(
        reservation_id=uuid_in_path(req, "reservationId", resource="reservation"),
        condition=version_condition(req),
    )
    return reservation_answer(side.confirm_reservation(command, context=command_context(req, side.ids)))


@bp.route(
    "api/reservations/{reservationId}/cancel",
    methods=[func.HttpMethod.POST],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@refusals_as_problems
def cancel_reservation(req: func.HttpRequest) -> func.HttpResponse:
    """Take the seats back."""
    side = write_side()
    body = read_optional_body(req, CancellationBody, limit_bytes=side.max_body_bytes)
    command = CancelReservation(
        reservation_id=uuid_in_path(req, "reservationId", resource="reservation"),
        note=body.reason,
        condition=version_condition(req),
    )
    return reservation_answer(side.cancel_reservation(command, context=command_context(req, side.ids)))
