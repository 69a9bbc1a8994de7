"""Events that could not be projected: each is a finding, until it is replayed or discarded."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from shared.application.audit.findings import Finding, Kind
from shared.application.projections.failures import ProjectionFailure

PARKED = "projection-failures"
"""The station: events wait in it for people."""


class ParkedReader(Protocol):
    """Where events are parked."""

    def parked(self, *, after: str, limit: int) -> Sequence[ProjectionFailure]:
        """Failures with a greater id, in order of their ids.

        Raises:
            StationUnreadableError: they can't be read.
        """
        ...


def find_parked(reader: ParkedReader, *, page: int) -> list[Finding]:
    """Every parked event, by its stream if it says of which it is.

    Raises:
        StationUnreadableError: they can't be read.
    """
    return [_finding(failure) for failure in _every(reader, page=page)]


def _every(reader: ParkedReader, *, page: int) -> Iterator[ProjectionFailure]:
    after = ""
    while failures := reader.parked(after=after, limit=page):
        yield from failures
        after = failures[-1].id


def _finding(failure: ProjectionFailure) -> Finding:
    envelope = failure.envelope
    return Finding(
        kind=Kind.PARKED,
        station=PARKED,
        stream_id=envelope.stream_id if envelope else "",
        subject=failure.id,
        spans=((envelope.sequence, envelope.sequence),) if envelope else (),
        detail=failure.reason,
    )
