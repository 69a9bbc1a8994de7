"""Where a booking is, for operators."""

from http import HTTPStatus
from typing import TYPE_CHECKING

import azure.functions as func

from functions.http_support import uuid_in_path
from functions.problems import refusals_as_problems
from functions.query_parameters import refuse_others
from shared.application.audit.ports import StationUnreadableError
from shared.application.errors import UnavailableError
from shared.application.tracing.trace_documents import trace_document

if TYPE_CHECKING:
    from shared.application.tracing.trace_reservation import TraceReservation

bp = func.Blueprint()


def tracing() -> "TraceReservation":
    """See `shared.bootstrap.tracing`."""
    from shared.bootstrap.tracing import tracing as kept  # noqa: PLC0415 # its drivers load when somebody asks

    return kept()


@bp.route("api/ops/trace/{reservationId}", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def trace_reservation(req: func.HttpRequest) -> func.HttpResponse:
    """How far each event of a reservation has come. The hubs are not searched: that would take seconds."""
    refuse_others(req, known=())
    reservation_id = uuid_in_path(req, "reservationId", resource="reservation")
    try:
        trace = tracing()(reservation_id)
    except StationUnreadableError as error:
        raise UnavailableError from error
    return func.HttpResponse(
        trace_document(trace).model_dump_json(by_alias=True),
        status_code=HTTPStatus.OK,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )
