"""The problem types as the OpenAPI document tells them: a schema for each, and which a command may answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from functions.contract.commands import Command
from functions.contract.operations import Operation
from functions.problems import (
    STATUS_BY_KIND,
    TITLES,
    BodyTooLargeError,
    InvalidBodyError,
    MalformedRequestError,
    RequestError,
    UnsupportedMediaTypeError,
)
from shared.application.errors import (
    CommandInFlightError,
    KeyReusedError,
    TooMuchToTellError,
    UnavailableError,
)
from shared.domain.errors import CinemaError, InvalidValueError

_SEATS = {
    "type": "array",
    "description": "Exactly those seats.",
    "items": {
        "type": "object",
        "properties": {"row": {"type": "string"}, "number": {"type": "integer"}},
        "required": ["row", "number"],
    },
}
_ERRORS = {
    "type": "array",
    "description": "What is wrong with each field, named as in the request; `body` for the whole of it.",
    "items": {
        "type": "object",
        "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
        "required": ["field", "message"],
    },
}

_EXTRA_MEMBERS: dict[str, dict[str, Any]] = {
    "seats-taken": {"seats": _SEATS},
    "layout-in-use": {"seats": _SEATS},
    "showtime-overlap": {"showtimeId": {"type": "string", "format": "uuid"}},
    "not-found": {"resource": {"type": "string", "description": "What sort of thing, such as `movie`."}},
    "validation": {"errors": _ERRORS},
}

_EVERY_COMMAND: tuple[type[CinemaError | RequestError], ...] = (
    MalformedRequestError,
    BodyTooLargeError,
    UnsupportedMediaTypeError,
    InvalidBodyError,
    InvalidValueError,
    TooMuchToTellError,
    UnavailableError,
)

_WITH_A_KEY: tuple[type[CinemaError], ...] = (KeyReusedError, CommandInFlightError)
"""What a command may answer that honours Idempotency-Key: a POST."""


@dataclass(frozen=True, slots=True, order=True)
class ProblemType:
    """A refusal that a client can tell from all others. No code: `about:blank`, which says its status alone."""

    status: HTTPStatus
    code: str | None
    title: str

    @property
    def uri(self) -> str:
        """The problem's `type`."""
        return f"/problems/{self.code}" if self.code else "about:blank"

    @property
    def component(self) -> str:
        """The name of its schema."""
        return f"problem.{self.code or self.status.value}"

    @property
    def retry_later(self) -> bool:
        """Whether the answer says when to try again."""
        return self.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


_UNFORESEEN = ProblemType(HTTPStatus.INTERNAL_SERVER_ERROR, None, HTTPStatus.INTERNAL_SERVER_ERROR.phrase)
_RATE_LIMITED = ProblemType(HTTPStatus.TOO_MANY_REQUESTS, "rate-limited", "Too many requests")
"""The gateway's own."""


def problems_of(command: Command) -> list[ProblemType]:
    """Every problem that a command can answer, by status."""
    keyed = _WITH_A_KEY if command.method == "POST" else ()
    return _with_those_of_anything((*_EVERY_COMMAND, *keyed, *command.refusals))


def problems_of_operation(operation: Operation) -> list[ProblemType]:
    """Every problem that an operation can answer, by status."""
    return _with_those_of_anything(operation.refusals)


def _with_those_of_anything(errors: Iterable[type[CinemaError | RequestError]]) -> list[ProblemType]:
    known = {_problem_of(error) for error in errors}
    return sorted({*known, _RATE_LIMITED, _UNFORESEEN}, key=lambda problem: (problem.status, problem.uri))


def problem_schemas(problems: Iterable[ProblemType]) -> dict[str, Any]:
    """A schema for each, by the name of its component."""
    return {problem.component: _schema(problem) for problem in sorted(problems, key=lambda p: p.component)}


def not_found_problem() -> ProblemType:
    """The answer to a request for a file that is not there."""
    return ProblemType(HTTPStatus.NOT_FOUND, "not-found", TITLES["not-found"])


def _problem_of(error: type[CinemaError | RequestError]) -> ProblemType:
    status = error.status if issubclass(error, RequestError) else STATUS_BY_KIND[error.kind]
    return ProblemType(status, error.code, TITLES[error.code])


def _schema(problem: ProblemType) -> dict[str, Any]:
    extra = _EXTRA_MEMBERS.get(problem.code or "", {})
    always = ["type", "title", "status", "instance", *(["detail"] if problem.code else []), *extra]
    return {
        "type": "object",
        "title": problem.title,
        "properties": {
            "type": {"const": problem.uri},
            "title": {"type": "string"},
            "status": {"const": problem.status.value},
            "detail": {"type": "string", "description": "What to tell people."},
            "instance": {"type": "string", "description": "The path of the request."},
            **extra,
        },
        "required": always,
    }
