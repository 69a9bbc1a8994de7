"""Parked events as JSON, without what they say of customers."""

from collections.abc import Sequence

from shared.application.projections.failures import ProjectionFailure
from shared.contracts.wire import UtcTime, WireModel


class FailureDocument(WireModel):
    """An event that could not be projected. Its stream, sequence and type are null if it is no event of ours."""

    id: str
    partition: str
    position: int
    stream_id: str | None
    sequence: int | None
    type: str | None
    reason: str
    parked_at: UtcTime
    attempts: int
    tried_at: UtcTime


class FailuresDocument(WireModel):
    """A page of failures; `next_after` asks for the next one, and is null on the last."""

    projection_failures: tuple[FailureDocument, ...]
    next_after: str | None


def failures_document(failures: Sequence[ProjectionFailure], *, limit: int) -> FailuresDocument:
    """A page of at most `limit` failures, of which one more was asked for."""
    page = tuple(_failure_document(failure) for failure in failures[:limit])
    return FailuresDocument(
        projection_failures=page, next_after=page[-1].id if len(failures) > limit else None
    )


def _failure_document(failure: ProjectionFailure) -> FailureDocument:
    envelope = failure.envelope
    return FailureDocument(
        id=failure.id,
        partition=failure.received.partition,
        position=failure.received.position,
        stream_id=envelope and envelope.stream_id,
        sequence=envelope and envelope.sequence,
        type=envelope and envelope.type,
        reason=failure.reason,
        parked_at=failure.parked,
        attempts=failure.attempts,
        tried_at=failure.tried,
    )
