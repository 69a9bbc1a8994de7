"""What the HTTP triggers share: reading a body, a path and the headers that accompany a command."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import azure.functions as func
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from functions.command_bodies import CommandBody
from functions.problems import (
    BodyTooLargeError,
    InvalidBodyError,
    MalformedRequestError,
    UnsupportedMediaTypeError,
)
from functions.request_headers import header
from functions.wire_types import canonical_uuid
from shared.application.clock import IdGenerator
from shared.application.command_context import CommandContext, RequestKey, VersionCondition
from shared.application.errors import NotFoundError
from shared.bootstrap.telemetry import current_traceparent
from shared.domain.errors import FieldProblem
from shared.telemetry.traceparent import parse_traceparent

MOST_PROBLEMS_TOLD = 20
LONGEST_FIELD_TOLD = 100

_ENTITY_TAGS = re.compile(r'\s*(W/)?"[\x21\x23-\x7e]*"\s*(,\s*(W/)?"[\x21\x23-\x7e]*"\s*)*')
LONGEST_KEY = 200
_IDEMPOTENCY_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}")
_OUR_ENTITY_TAG = re.compile(r'(?<!W/)"([0-9]{1,9})"')

Body = TypeVar("Body", bound=CommandBody)


def read_body(req: func.HttpRequest, model: type[Body], *, limit_bytes: int) -> Body:
    """The body of a command that needs one.

    Raises:
        BodyTooLargeError: it has more bytes than the limit.
        UnsupportedMediaTypeError: it is not declared as JSON in UTF-8.
        MalformedRequestError: there is none, or it is not JSON.
        InvalidBodyError: it is JSON, but not this command.
    """
    text = req.get_body()
    if not text:
        raise MalformedRequestError("This command needs a JSON body")
    return _parse(req, text, model=model, limit_bytes=limit_bytes)


def read_optional_body(req: func.HttpRequest, model: type[Body], *, limit_bytes: int) -> Body:
    """The body of a command that can do without; no body is the same as an empty object.

    Raises:
        RequestError: there is one, and `read_body` would refuse it.
    """
    text = req.get_body()
    return _parse(req, text, model=model, limit_bytes=limit_bytes) if text else model()


def uuid_in_path(req: func.HttpRequest, name: str, *, resource: str) -> UUID:
    """The id in a route parameter.

    Raises:
        NotFoundError: it is no UUID, so that nothing can have it.
    """
    text = req.route_params[name]
    found = canonical_uuid(text)
    if found is None:
        raise NotFoundError(resource, text[:LONGEST_FIELD_TOLD])
    return found


def command_context(req: func.HttpRequest, ids: IdGenerator) -> CommandContext:
    """A new command's context. A traceparent that breaks the W3C grammar is as good as none.

    The events carry on the trace of the span that is at work here; where nobody tells, that of the caller.

    Raises:
        MalformedRequestError: there is an Idempotency-Key that is none.
    """
    return CommandContext(
        command_id=ids.new_id(),
        traceparent=current_traceparent() or _callers_traceparent(req),
        idempotency=_request_key(req),
    )


def _callers_traceparent(req: func.HttpRequest) -> str | None:
    traceparent = header(req, "traceparent")
    return traceparent if parse_traceparent(traceparent) else None


def _request_key(req: func.HttpRequest) -> RequestKey | None:
    """The client's key within its scope, the method and the path. To PUT again is harmless without one."""
    key = header(req, "idempotency-key")
    if key is None or req.method != "POST":
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise MalformedRequestError(
            f"Idempotency-Key must have from 1 to {LONGEST_KEY} visible ASCII characters"
        )
    scope = f"{req.method} {urlsplit(req.url).path} {key}"
    return RequestKey(key=_digest(scope.encode()), fingerprint=_digest(req.get_body()), sent_by_client=True)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def version_condition(req: func.HttpRequest) -> VersionCondition | None:
    """The If-Match header, by strong comparison (RFC 9110, 13.1.1); None if there is none.

    Raises:
        MalformedRequestError: it is neither `*` nor a list of entity tags.
    """
    condition = header(req, "if-match")
    if condition is None:
        return None
    if condition.strip() == "*":
        return VersionCondition(None)
    if not _ENTITY_TAGS.fullmatch(condition):
        raise MalformedRequestError('If-Match must be * or entity tags such as "3"')
    return VersionCondition(frozenset(int(version) for version in _OUR_ENTITY_TAG.findall(condition)))


def _parse(req: func.HttpRequest, text: bytes, *, model: type[Body], limit_bytes: int) -> Body:
    if len(text) > limit_bytes:
        raise BodyTooLargeError(f"A body may have at most {limit_bytes} bytes")
    _ensure_json(header(req, "content-type") or "")
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
    if any(problem["type"] == "json_invalid" for problem in problems):
        raise MalformedRequestError(problems[0]["msg"])
    raise InvalidBodyError(
        [FieldProblem(_field(problem), problem["msg"]) for problem in problems[:MOST_PROBLEMS_TOLD]]
    )


def _ensure_json(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")}
    if media_type != "application/json" or not charsets <= {"utf-8", "us-ascii"}:
        raise UnsupportedMediaTypeError("The body must have the content type application/json, in UTF-8")


def _field(problem: ErrorDetails) -> str:
    """Where a problem is, as `seats[0].row`; `body` for the whole of it."""
    return _joined(problem["loc"])[:LONGEST_FIELD_TOLD] or "body"


def _joined(location: Iterable[int | str]) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in location]
    return "".join(steps).removeprefix(".")
