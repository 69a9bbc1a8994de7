"""What can come of a query instead of an answer.

CinemaError
├── InvalidQueryError          a field of the request is refused; names each one
├── NotFoundError              there is no such showtime or reservation
├── DeadlineExceededError      no answer in time
│   └── NotReachedError        the views did not reach the wanted sequence in time
├── UnavailableError           nobody can answer at the moment; try again
└── UnexpectedStatusError      anything else, which is a mistake of the service's or of this package's
"""

from typing import NamedTuple

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

_DETAILS = "grpc-status-details-bin"
"""The trailer in which google.rpc.Status travels."""

_TRY_AGAIN = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,  # by a service that leaves: who cancels a call himself gets asyncio's error
    grpc.StatusCode.RESOURCE_EXHAUSTED,  # as many watchers, or calls, as it takes
}


class FieldViolation(NamedTuple):
    """A field of a request, as the proto calls it, and what is wrong with it."""

    field: str
    description: str


class CinemaError(Exception):
    """A query has no answer."""


class InvalidQueryError(CinemaError):
    """The request is not a valid query."""

    def __init__(self, message: str, violations: tuple[FieldViolation, ...]) -> None:
        super().__init__(message)
        self.violations = violations


class NotFoundError(CinemaError):
    """There is no such thing; `kind` says what it would be, such as `showtime`. Both are empty if nobody said."""

    def __init__(self, message: str, *, kind: str = "", resource_id: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.resource_id = resource_id


class DeadlineExceededError(CinemaError):
    """There was no answer in time."""


class NotReachedError(DeadlineExceededError):
    """The views did not reach the wanted sequence in time. They will: ask again, or show what there is."""

    def __init__(self, message: str, *, min_sequence: int) -> None:
        super().__init__(message)
        self.min_sequence = min_sequence


class UnavailableError(CinemaError):
    """The service, or what it reads from, can't be reached or has too much to do, though it was tried again."""


class UnexpectedStatusError(CinemaError):
    """A status that the contract does not know."""

    def __init__(self, message: str, code: grpc.StatusCode) -> None:
        super().__init__(message)
        self.code = code


def error_of(refusal: grpc.aio.AioRpcError, *, min_sequence: int = 0) -> CinemaError:
    """What a refused call means, where it asked for a sequence."""
    message = refusal.details() or refusal.code().name
    status = _status(refusal)
    match refusal.code():
        case grpc.StatusCode.INVALID_ARGUMENT:
            return InvalidQueryError(message, _violations(status))
        case grpc.StatusCode.NOT_FOUND:
            return _not_found(message, status)
        case grpc.StatusCode.DEADLINE_EXCEEDED if min_sequence:
            return NotReachedError(message, min_sequence=min_sequence)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return DeadlineExceededError(message)
        case code if code in _TRY_AGAIN:
            return UnavailableError(message)
        case code:
            return UnexpectedStatusError(message, code)


def _status(refusal: grpc.aio.AioRpcError) -> status_pb2.Status:
    """The details, or none where something between here and the service has refused the call."""
    for key, value in refusal.trailing_metadata() or ():
        if key == _DETAILS and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break
    return status_pb2.Status()


def _violations(status: status_pb2.Status) -> tuple[FieldViolation, ...]:
    request = error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.Unpack(request):
            return tuple(FieldViolation(found.field, found.description) for found in request.field_violations)
    return ()


def _not_found(message: str, status: status_pb2.Status) -> NotFoundError:
    resource = error_details_pb2.ResourceInfo()
    for detail in status.details:
        if detail.Unpack(resource):
            return NotFoundError(message, kind=resource.resource_type, resource_id=resource.resource_name)
    return NotFoundError(message)
