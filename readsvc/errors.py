"""What a query can be refused for.

    QueryError
    ├── InvalidQueryError     the request is not a valid query; names each field
    ├── NotFoundError         there is no such document, or it is not yet to be shown
    ├── NotReachedError       the views did not reach the wanted sequence in time
    ├── TooManyWatchersError  this process has as many watchers as it takes
    ├── LeavingError          this process is about to end, and so does the stream
    └── UnavailableError      nothing that could answer is reachable

`readsvc.statuses` maps each to its gRPC status.
"""

from collections.abc import Sequence
from typing import NamedTuple


class FieldViolation(NamedTuple):
    """A field of a request, and what is wrong with it."""

    field: str
    description: str


class QueryError(Exception):
    """A query is refused."""


class InvalidQueryError(QueryError):
    """The request is not a valid query."""

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        super().__init__("; ".join(f"{violation.field}: {violation.description}" for violation in violations))
        self.violations = tuple(violations)


class NotFoundError(QueryError):
    """There is no such document, or it is not yet to be shown."""

    def __init__(self, kind: str, resource_id: str) -> None:
        super().__init__(f"there is no {kind} {resource_id}")
        self.kind = kind
        self.resource_id = resource_id


class NotReachedError(QueryError):
    """The views did not reach the wanted sequence in time."""

    def __init__(self, min_sequence: int) -> None:
        super().__init__(f"the view has not reached sequence {min_sequence} in time; try again")
        self.min_sequence = min_sequence


class TooManyWatchersError(QueryError):
    """This process has as many watchers as it takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"this server has {limit} watchers, and takes no more; try again later")
        self.limit = limit


class LeavingError(QueryError):
    """This process is about to end, and so does the stream."""

    def __init__(self) -> None:
        super().__init__("this server is leaving; call again, after the last sequence")


class UnavailableError(QueryError):
    """Neither the cache nor the database could answer."""

    def __init__(self) -> None:
        super().__init__("the views can't be read at the moment; try again")
