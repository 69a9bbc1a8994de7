"""A trace as JSON: the same by the function and by the command line."""

from uuid import UUID

from shared.application.tracing.reservation_trace import Cached, Delivery, ReservationTrace
from shared.contracts.wire import UtcTime, WireModel


class SinkStationDocument(WireModel):
    """An event at a sink. `enqueued_at` is the hub's own moment; null where it was not looked for or not found."""

    sink: str
    delivery: Delivery
    enqueued_at: UtcTime | None


class TracedEventDocument(WireModel):
    """An event of the reservation. `archived` is whether EventLog has it; what is null could not be read."""

    sequence: int
    version: int
    event_id: UUID
    type: str
    committed_at: UtcTime
    sinks: tuple[SinkStationDocument, ...]
    archived: bool | None
    in_reservation: bool | None
    in_showtime: bool | None


class StationsPassedDocument(WireModel):
    """When the last event that changed a document passed each station."""

    committed: UtcTime
    published: UtcTime | None
    projected: UtcTime | None


class TracedDocumentDocument(WireModel):
    """A document that shows the reservation, and whether the cache has it like that."""

    view: str
    id: str
    version: int
    sequence: int
    passed: StationsPassedDocument | None
    cached: Cached


class TraceDocument(WireModel):
    """Where a reservation is. `unreadable` says why of each station that could not be looked at."""

    reservation_id: UUID
    stream_id: str
    status: str
    version: int
    events: tuple[TracedEventDocument, ...]
    documents: tuple[TracedDocumentDocument, ...]
    unreadable: dict[str, str]


def trace_document(trace: ReservationTrace) -> TraceDocument:
    """Everything that a trace says."""
    return TraceDocument.model_validate(trace, from_attributes=True)
