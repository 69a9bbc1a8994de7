"""Telling of requests: the span around a function, and where the answer says to look for it."""

from collections.abc import Callable
from typing import NamedTuple

import azure.functions as func

from functions.request_headers import header
from shared.bootstrap.telemetry import observed_requests, telemetry

TRACE_RESPONSE = "traceresponse"
"""The header of W3C Trace Context's editor's draft: the caller's traceparent as the answer has it."""


class Answered(NamedTuple):
    """An answer, and what it comes down to: `ok`, or the code of the problem."""

    response: func.HttpResponse
    result: str


Answer = Callable[[func.HttpRequest], Answered]

telemetry()  # begun with the app, so that a setting which is refused keeps it from starting


def observed(req: func.HttpRequest, answer: Answer, *, function: str) -> func.HttpResponse:
    """Answer a request, and tell of it where telemetry is on."""
    requests = observed_requests(_routes)
    if requests is None or not requests.tells_of(function):
        return answer(req).response
    traceparent = header(req, "traceparent")
    with requests.request(function, method=req.method, traceparent=traceparent) as request:
        answered = answer(req)
        request.answered(status=answered.response.status_code, result=answered.result)
        answered.response.headers[TRACE_RESPONSE] = request.traceparent
        return answered.response


def _routes() -> dict[str, str]:
    """The path of each function that the contract tells of."""
    from functions.contract.commands import COMMANDS  # noqa: PLC0415 # the contract imports the functions
    from functions.contract.operations import OPERATIONS  # noqa: PLC0415

    return {told.function: told.path for told in (*COMMANDS, *OPERATIONS)}
