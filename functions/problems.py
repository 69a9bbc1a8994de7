"""Refusals as RFC 9457 problem details.

    RequestError                     the request can't be read as a command
    ├── MalformedRequestError        400
    ├── BodyTooLargeError            413
    ├── UnsupportedMediaTypeError    415
    └── InvalidBodyError             422, names each field

What a command itself is refused for is a CinemaError (shared.domain.errors), whose kind decides the status.
"""

import json
import logging
import re
from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urlsplit

import azure.functions as func

from functions.observation import Answered, observed
from shared.application.errors import NotFoundError, UnavailableError
from shared.application.outbox.errors import OutboxStoreUnavailableError
from shared.domain.catalogue.errors import LayoutInUseError
from shared.domain.errors import CinemaError, ErrorKind, FieldProblem, InvalidValueError
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.showtimes.errors import ShowtimeOverlapError

PROBLEM_JSON = "application/problem+json"

STATUS_BY_KIND = {
    ErrorKind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorKind.CONFLICT: HTTPStatus.CONFLICT,
    ErrorKind.PRECONDITION: HTTPStatus.PRECONDITION_FAILED,
    ErrorKind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}

TITLES = {
    "dead-letter-changed": "The dead letter is about another event",
    "dead-letter-resumed": "The dead letter is resumed",
    "event-too-large": "The command is too large to be published",
    "idempotency-in-flight": "The same request is being processed",
    "idempotency-mismatch": "The idempotency key was used for another request",
    "layout-in-use": "The layout is in use",
    "malformed": "The request can't be read",
    "media-type": "The body must be JSON",
    "not-found": "There is no such thing",
    "reservation-cancelled": "The reservation is cancelled",
    "reservation-expired": "The hold has ended",
    "seats-taken": "Seats are taken",
    "showtime-cancelled": "The showtime is cancelled",
    "showtime-overlap": "The auditorium is not free",
    "showtime-started": "The showtime has started",
    "too-large": "The body is too large",
    "too-many-holds": "Too many reservations wait for confirmation",
    "unavailable": "Please try again",
    "validation": "The request is not valid",
    "version-mismatch": "The version is another one",
}
"""The title of each problem type, by its code."""

_OK, _UNFORESEEN = "ok", "unforeseen"

_log = logging.getLogger(__name__)


class RequestError(Exception):
    """The request can't be read as a command."""

    code: ClassVar[str]
    status: ClassVar[HTTPStatus]


class MalformedRequestError(RequestError):
    """The body is not JSON, or a header breaks its grammar."""

    code = "malformed"
    status = HTTPStatus.BAD_REQUEST


class UnsupportedMediaTypeError(RequestError):
    """The body is not declared as JSON in UTF-8."""

    code = "media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class BodyTooLargeError(RequestError):
    """The body has more bytes than a command may have."""

    code = "too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class InvalidBodyError(RequestError):
    """The body is JSON, but not this command. Fields are named as on the wire."""

    code = "validation"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


Handler = Callable[[func.HttpRequest], func.HttpResponse]


def refusals_as_problems(handler: Handler) -> Handler:
    """Answer what a handler raises; what nobody foresaw is logged, and told without detail."""

    def answered(req: func.HttpRequest) -> Answered:
        try:
            return Answered(handler(req), _OK)
        except CinemaError as error:
            return _refusal(req, error)
        except OutboxStoreUnavailableError:
            return _refusal(req, UnavailableError())
        except RequestError as error:
            return _problem(
                req, status=error.status, code=error.code, detail=str(error), extra=_extra_members(error)
            )
        except Exception:  # noqa: BLE001 nothing above this line could answer, and the traceback is logged
            _log.exception("command_failed function=%s", handler.__name__)
            return _problem(req, status=HTTPStatus.INTERNAL_SERVER_ERROR)

    @wraps(handler)
    def answer(req: func.HttpRequest) -> func.HttpResponse:
        return observed(req, answered, function=handler.__name__)

    return answer


def _refusal(req: func.HttpRequest, error: CinemaError) -> Answered:
    return _problem(
        req,
        status=STATUS_BY_KIND[error.kind],
        code=error.code,
        detail=str(error),
        extra=_extra_members(error),
        headers=_extra_headers(error),
    )


def _extra_members(error: Exception) -> dict[str, object]:
    """What a program needs beside the type."""
    match error:
        case SeatsAlreadyTakenError() | LayoutInUseError():
            return {"seats": [{"row": seat.row, "number": seat.number} for seat in error.seats]}
        case ShowtimeOverlapError():
            return {"showtimeId": str(error.showtime_id)}
        case NotFoundError():
            return {"resource": error.resource}
        case InvalidValueError():
            field = _as_on_the_wire(error.problem.field)
            return {"errors": [{"field": field, "message": error.problem.message}]}
        case InvalidBodyError():
            return {"errors": [{"field": p.field, "message": p.message} for p in error.problems]}
        case _:
            return {}


def _extra_headers(error: CinemaError) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, UnavailableError) else {}


def _as_on_the_wire(field: str) -> str:
    """`runtime_minutes` is `runtimeMinutes` to a client."""
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), field)


def _problem(
    req: func.HttpRequest,
    *,
    status: HTTPStatus,
    code: str | None = None,
    detail: str | None = None,
    extra: dict[str, object] | None = None,
    headers: dict[str, str] | None = None,
) -> Answered:
    problem: dict[str, object] = {
        "type": f"/problems/{code}" if code else "about:blank",
        "title": TITLES[code] if code else status.phrase,
        "status": status.value,
    }
    if detail:
        problem["detail"] = detail
    problem["instance"] = _path(req.url)
    response = func.HttpResponse(
        json.dumps(problem | (extra or {})),
        status_code=status.value,
        headers=headers,
        mimetype=PROBLEM_JSON,
    )
    return Answered(response, code or _UNFORESEEN)


def _path(url: str) -> str:
    """The path of a request; nothing for an address that can't be taken apart, such as one with a broken host."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
