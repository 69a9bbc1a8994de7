"""The parts that a trace looks at beside the write database, as far as a test needs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Engine

from shared.application.audit.records import RecordedEvent
from shared.application.tracing.trace_reservation import TracedParts, TraceReservation
from shared.infrastructure.sql.trace_readers import SqlWrittenReservations
from tests.fakes.audited_cinema import FakeViewReader


class EmptyArchive:
    """Nothing has been delivered to it."""

    def events_of(self, stream_id: str, *, reservation_id: UUID) -> Mapping[int, RecordedEvent]:
        del stream_id, reservation_id
        return {}


@dataclass
class FakeCachedRevisions:
    """Revisions by view and document."""

    revisions: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def revision(self, view: str, document_id: str) -> int | None:
        return self.revisions.get((view, document_id))


def trace_before_any_delivery(engine: Engine) -> TraceReservation:
    """A trace over a write database of which nothing has gone anywhere."""
    return TraceReservation(
        TracedParts(
            write=SqlWrittenReservations(engine),
            archive=EmptyArchive(),
            views=FakeViewReader(),
            cache=FakeCachedRevisions(),
        )
    )
