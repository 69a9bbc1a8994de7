"""What operators ask, as the OpenAPI document tells it: a row for each function of `outbox_http`, `pipeline_http` and `trace_http`."""

from dataclasses import dataclass
from typing import Any

from functions.command_bodies import CommandBody, DiscardBody, NoBody
from functions.outbox_http import DEFAULT_LIMIT, LARGEST_LIMIT
from functions.problems import (
    BodyTooLargeError,
    InvalidBodyError,
    MalformedRequestError,
    RequestError,
    UnsupportedMediaTypeError,
)
from functions.query_parameters import LARGEST_ID
from shared.application.errors import NotFoundError, UnavailableError
from shared.application.outbox.dead_letters import HoldResumedError, OtherMessageHeldError
from shared.application.outbox.operations_documents import (
    DeadLetterDocument,
    DeadLettersDocument,
    DiscardDocument,
    OutboxStatusDocument,
)
from shared.application.outbox.routing import ROUTES
from shared.application.pipeline.pipeline_documents import PipelineDocument
from shared.application.tracing.trace_documents import TraceDocument
from shared.contracts.wire import WireModel
from shared.domain.errors import CinemaError, InvalidValueError

TAG = "Operations"
FOR_OPERATORS = "For operators. The functions ask nobody who they are: in the cloud it is the platform that demands an Entra role."
"""What is true of each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryParameter:
    """A parameter that a request may have."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An HTTP function for operators, found by its name. `refusals` are all that it may answer by itself."""

    function: str
    method: str
    path: str
    summary: str
    answer: type[WireModel]
    refusals: tuple[type[CinemaError | RequestError], ...]
    body: type[CommandBody] | None = None
    parameters: tuple[QueryParameter, ...] = ()


_READING = (InvalidValueError, UnavailableError)
_CHANGING = (
    MalformedRequestError,
    BodyTooLargeError,
    UnsupportedMediaTypeError,
    InvalidBodyError,
    NotFoundError,
    UnavailableError,
)

OPERATIONS = (
    Operation(
        function="outbox_status",
        method="GET",
        path="/api/ops/outbox",
        summary="What waits for each sink, since when, and what its lanes are doing. Cheap, however full the outbox is.",
        answer=OutboxStatusDocument,
        refusals=_READING,
    ),
    Operation(
        function="pipeline_status",
        method="GET",
        path="/api/ops/pipeline",
        summary=(
            "The outbox's status, how far the projector is behind, what the views miss, and the cache's hit rate. Parts that "
            "can't be read are null and named; without the write database there is no answer."
        ),
        answer=PipelineDocument,
        refusals=_READING,
    ),
    Operation(
        function="dead_letters",
        method="GET",
        path="/api/ops/dead-letters",
        summary="The streams that a sink does not get further with, since it refuses a message; in order of their ids.",
        answer=DeadLettersDocument,
        refusals=_READING,
        parameters=(
            QueryParameter(
                name="sink", description="Only those of this sink.", schema={"enum": list(ROUTES)}
            ),
            QueryParameter(
                name="after",
                description="Only those with a greater id; `nextAfter` of a page asks for the next one.",
                schema={"type": "integer", "minimum": 0, "maximum": LARGEST_ID, "default": 0},
            ),
            QueryParameter(
                name="limit",
                description="How many at most.",
                schema={"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
            ),
        ),
    ),
    Operation(
        function="redrive_dead_letter",
        method="POST",
        path="/api/ops/dead-letters/{id}/redrive",
        summary=(
            "Let the stream go on from the message that was refused, once the cause is mended. The same again changes "
            "nothing; when the stream flows again the dead letter is gone (404)."
        ),
        answer=DeadLetterDocument,
        refusals=_CHANGING,
        body=NoBody,
    ),
    Operation(
        function="discard_dead_letter",
        method="POST",
        path="/api/ops/dead-letters/{id}/discard",
        summary=(
            "Leave the message that was refused out, for this sink, and let its stream go on behind it: a gap, which is "
            "kept with its name. Say the `eventId` that you mean, so that the same request, sent twice, never leaves out "
            "the next one."
        ),
        answer=DiscardDocument,
        refusals=(*_CHANGING, HoldResumedError, OtherMessageHeldError),
        body=DiscardBody,
    ),
    Operation(
        function="trace_reservation",
        method="GET",
        path="/api/ops/trace/{reservationId}",
        summary=(
            "Where a reservation is: how far each of its events has come, and the documents that show it. Stations that "
            "can't be read are named; the hubs are not searched, so that `enqueuedAt` is null."
        ),
        answer=TraceDocument,
        refusals=(*_READING, NotFoundError),
    ),
)
