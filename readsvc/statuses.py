"""Refusals as gRPC statuses, with the details of the standard error model (google.rpc)."""

from typing import Any, cast

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from readsvc.errors import (
    InvalidQueryError,
    LeavingError,
    NotFoundError,
    NotReachedError,
    QueryError,
    TooManyWatchersError,
    UnavailableError,
)

STATUS_BY_ERROR: dict[type[QueryError], grpc.StatusCode] = {
    InvalidQueryError: grpc.StatusCode.INVALID_ARGUMENT,
    NotFoundError: grpc.StatusCode.NOT_FOUND,
    NotReachedError: grpc.StatusCode.DEADLINE_EXCEEDED,
    TooManyWatchersError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    LeavingError: grpc.StatusCode.UNAVAILABLE,
    UnavailableError: grpc.StatusCode.UNAVAILABLE,
}


def status_of(error: QueryError) -> status_pb2.Status:
    """The status that a client gets."""
    number: int = STATUS_BY_ERROR[type(error)].value[0]
    status = status_pb2.Status(code=number, message=str(error))
    for detail in _details(error):
        status.details.add().Pack(detail)
    return status


def grpc_status_of(error: QueryError) -> grpc.Status:
    """The same as `grpc` sends it: details travel in a trailer."""
    return cast(Any, rpc_status).to_status(status_of(error))


def _details(error: QueryError) -> list[Message]:
    match error:
        case InvalidQueryError():
            violations = [
                error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
                for field, description in error.violations
            ]
            return [error_details_pb2.BadRequest(field_violations=violations)]
        case NotFoundError():
            return [error_details_pb2.ResourceInfo(resource_type=error.kind, resource_name=error.resource_id)]
        case _:
            return []
