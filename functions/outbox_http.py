"""The outbox, for operators: how it stands, its dead letters, and letting them go.

They need no Idempotency-Key: to redrive again changes nothing, and to discard again is refused; a client that says which
event it means can't drop the next one by asking twice.
"""

from http import HTTPStatus

import azure.functions as func

from functions.command_bodies import DiscardBody, NoBody
from functions.http_support import LONGEST_FIELD_TOLD, read_optional_body
from functions.problems import refusals_as_problems
from functions.query_parameters import LARGEST_ID, number_in, one_of, refuse_others, whole_number
from shared.application.errors import NotFoundError
from shared.application.outbox.operations_documents import (
    dead_letter_document,
    dead_letters_document,
    discard_document,
    status_document,
)
from shared.application.outbox.routing import ROUTES
from shared.bootstrap.operations import operations
from shared.contracts.wire import WireModel

bp = func.Blueprint()

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 200


@bp.route("api/ops/outbox", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def outbox_status(req: func.HttpRequest) -> func.HttpResponse:
    """What waits for each sink, since when, and what its lanes are doing."""
    refuse_others(req, known=())
    return _no_store(status_document(operations().outbox.read()))


@bp.route("api/ops/dead-letters", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def dead_letters(req: func.HttpRequest) -> func.HttpResponse:
    """A page of the streams that a sink does not get further with."""
    refuse_others(req, known=("sink", "after", "limit"))
    limit = whole_number(req, "limit", at_least=1, at_most=LARGEST_LIMIT, default=DEFAULT_LIMIT)
    holds = operations().dead_letters.list(
        sink=one_of(req, "sink", choices=tuple(ROUTES)),
        after=whole_number(req, "after", at_least=0, default=0),
        limit=limit + 1,
    )
    return _no_store(dead_letters_document(holds, limit=limit))


@bp.route(
    "api/ops/dead-letters/{id}/redrive", methods=[func.HttpMethod.POST], auth_level=func.AuthLevel.ANONYMOUS
)
@refusals_as_problems
def redrive_dead_letter(req: func.HttpRequest) -> func.HttpResponse:
    """Let a stream go on from the message that was refused."""
    ops = operations()
    read_optional_body(req, NoBody, limit_bytes=ops.max_body_bytes)
    return _no_store(dead_letter_document(ops.dead_letters.redrive(_id_in_path(req))))


@bp.route(
    "api/ops/dead-letters/{id}/discard", methods=[func.HttpMethod.POST], auth_level=func.AuthLevel.ANONYMOUS
)
@refusals_as_problems
def discard_dead_letter(req: func.HttpRequest) -> func.HttpResponse:
    """Leave the message that was refused out, for this sink, and let its stream go on behind it."""
    ops = operations()
    body = read_optional_body(req, DiscardBody, limit_bytes=ops.max_body_bytes)
    return _no_store(discard_document(ops.dead_letters.discard(_id_in_path(req), event_id=body.event_id)))


def _id_in_path(req: func.HttpRequest) -> int:
    text = req.route_params["id"]
    number = number_in(text)
    if number is None or number > LARGEST_ID:
        raise NotFoundError("dead letter", text[:LONGEST_FIELD_TOLD])
    return number


def _no_store(answer: WireModel) -> func.HttpResponse:
    return func.HttpResponse(
        answer.model_dump_json(by_alias=True),
        status_code=HTTPStatus.OK,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )
