"""A stream as each part has it: what the audit compares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.application.outbox.lanes import lane_of
from shared.application.outbox.messages import OutboxMessage
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
)
from shared.contracts.envelope import without_sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event as a table has it. `place` is its row's number, `body` the envelope with its sequence."""

    place: int
    event_id: UUID
    stream_id: str
    sequence: int
    aggregate_type: str
    aggregate_id: str
    version: int
    type: str
    body: str
    occurred_at: datetime

    @property
    def payload(self) -> str:
        """The envelope as the outbox keeps it; the body itself if it does not end with its sequence."""
        try:
            return without_sequence(self.body, sequence=self.sequence)
        except ValueError:
            return self.body

    def as_message(self) -> OutboxMessage:
        """The event as the outbox's sinks take it."""
        return OutboxMessage(
            id=self.place,
            event_id=self.event_id,
            stream_id=self.stream_id,
            sequence=self.sequence,
            lane=lane_of(self.stream_id),
            aggregate_type=self.aggregate_type,
            aggregate_id=self.aggregate_id,
            version=self.version,
            type=self.type,
            payload=self.payload,
            traceparent=None,
            occurred_at=self.occurred_at,
        )


Events = Mapping[int, RecordedEvent]
"""Events of one stream by their sequence."""


AggregateKey = tuple[str, str]
"""An aggregate's type, such as `Reservation`, and its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowState:
    """What is compared of a business row; a movie and an auditorium have no status."""

    version: int
    status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRecord:
    """A stream as the write database has it.

    `waiting` has the sequences that each sink still has to get, `held` the sinks that hold the stream, `discarded` the
    gaps that an operator has allowed.
    """

    stream_id: str
    last_sequence: int
    messages: Events
    waiting: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])
    held: frozenset[str] = frozenset()
    discarded: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])

    def excused(self, sink: str) -> frozenset[int]:
        """The sequences that a sink need not have: they wait for it, or their gap was allowed."""
        return self.waiting.get(sink, frozenset()) | self.discarded.get(sink, frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """A row of facts by its column names, and the newest `place` in EventLog when it was read."""

    values: Mapping[str, object]
    log_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingRecord:
    """A stream as the reporting database has it. Facts are by `showtime:<id>` and `reservation:<id>`."""

    log: Events = field(default_factory=dict[int, RecordedEvent])
    facts: Mapping[str, FactRow] = field(default_factory=dict[str, FactRow])


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableDocument:
    """A document that is there, but is none of ours."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRecord:
    """The documents of a stream: one of its own, and those of the reservations."""

    own: ShowtimeDocument | MovieDocument | AuditoriumDocument | UnreadableDocument | None = None
    reservations: Mapping[str, ReservationDocument | UnreadableDocument] = field(
        default_factory=dict[str, ReservationDocument | UnreadableDocument]
    )
