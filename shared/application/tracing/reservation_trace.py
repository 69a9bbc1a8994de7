"""What is known of a reservation's way: each of its events, and the documents that show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.application.audit.records import RecordedEvent
from shared.contracts.documents import Passed


class Delivery(StrEnum):
    """How far an event has come to a sink that it concerns."""

    DELIVERED = "delivered"
    PENDING = "pending"
    HELD = "held"
    """It stands aside behind a dead letter."""
    DISCARDED = "discarded"


class Cached(StrEnum):
    """What the cache has of a document."""

    CURRENT = "current"
    OTHER = "other"
    """Another revision than the stored one: for at most a minute."""
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReservation:
    """A reservation as the write database has it, with the messages that retention has left.

    `waiting` and `held` have the sequences that stand in a sink's lane or siding, `discarded` its allowed gaps.
    """

    reservation_id: UUID
    stream_id: str
    status: str
    version: int
    messages: Mapping[int, RecordedEvent]
    waiting: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])
    held: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])
    discarded: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])

    def delivery(self, sink: str, sequence: int) -> Delivery:
        """How far an event has come to a sink: what waits nowhere was delivered."""
        for places, delivery in (
            (self.held, Delivery.HELD),
            (self.waiting, Delivery.PENDING),
            (self.discarded, Delivery.DISCARDED),
        ):
            if sequence in places.get(sink, frozenset()):
                return delivery
        return Delivery.DELIVERED


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkStation:
    """An event at a sink. `enqueued_at` is a hub's moment, None where it was not looked for or not found."""

    sink: str
    delivery: Delivery
    enqueued_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedEvent:
    """One event of the reservation; what is None could not be read."""

    sequence: int
    version: int
    event_id: UUID
    type: str
    committed_at: datetime
    sinks: Sequence[SinkStation]
    archived: bool | None
    in_reservation: bool | None
    in_showtime: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedDocument:
    """A document that shows the reservation, as far as it has got."""

    view: str
    id: str
    version: int
    sequence: int
    passed: Passed | None
    cached: Cached


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationTrace:
    """The whole way. `unreadable` says why of each station that could not be looked at."""

    reservation_id: UUID
    stream_id: str
    status: str
    version: int
    events: Sequence[TracedEvent]
    documents: Sequence[TracedDocument]
    unreadable: Mapping[str, str]
