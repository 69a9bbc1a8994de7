"""From events to facts: what a set of events, each given once, changes in the reports. Pure.

Seat counts are differences that add up to the same in any order, because each event says by itself which seats it
moved from where to where. The rest is guarded by the version of its aggregate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from shared.application.outbox.messages import OutboxMessage
from shared.contracts.envelope import parse_envelope
from shared.contracts.event_data import UnknownEventTypeError, parse_data
from shared.contracts.events import (
    EventData,
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationState,
    ShowtimeState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationFact:
    """A reservation's newest state among some events, and the times of those events that are among them."""

    state: ReservationState
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class ShowtimeFact:
    """How a showtime's seat counts change, and its newest state if it is among the events."""

    held: int = 0
    sold: int = 0
    cancelled: int = 0
    state: ShowtimeState | None = None


@dataclass(slots=True, kw_only=True)
class Facts:
    """What some events change, by reservation and by showtime."""

    reservations: dict[UUID, ReservationFact] = field(default_factory=dict[UUID, ReservationFact])
    showtimes: dict[UUID, ShowtimeFact] = field(default_factory=dict[UUID, ShowtimeFact])


def facts_of(messages: Iterable[OutboxMessage]) -> Facts:
    """Fold events, each of which must be there once, in any order. Types unknown here change no fact.

    Raises:
        MalformedEventError: an event's data does not fit its type.
    """
    facts = Facts()
    for message in messages:
        try:
            data = parse_data(parse_envelope(message.body))
        except UnknownEventTypeError:
            continue
        _apply(facts, data, at=message.occurred_at)
    return facts


def _apply(facts: Facts, data: EventData, *, at: datetime) -> None:
    if isinstance(data, ShowtimeState):
        showtime = facts.showtimes.setdefault(data.showtime_id, ShowtimeFact())
        if showtime.state is None or data.version > showtime.state.version:
            showtime.state = data
    elif isinstance(data, ReservationState):
        _count_seats(facts.showtimes.setdefault(data.showtime_id, ShowtimeFact()), data)
        known = facts.reservations.get(data.reservation_id, ReservationFact(state=data))
        facts.reservations[data.reservation_id] = _advanced(known, data, at=at)


def _count_seats(showtime: ShowtimeFact, data: ReservationState) -> None:
    seats = len(data.seats)
    match data:
        case ReservationCreated():
            showtime.held += seats
        case ReservationConfirmed():
            showtime.held -= seats
            showtime.sold += seats
        case ReservationCancelled(previous_status="Pending"):
            showtime.held -= seats
            showtime.cancelled += seats
        case ReservationCancelled():
            showtime.sold -= seats
            showtime.cancelled += seats
        case _:
            pass


def _advanced(fact: ReservationFact, data: ReservationState, *, at: datetime) -> ReservationFact:
    state = data if data.version > fact.state.version else fact.state
    match data:
        case ReservationConfirmed():
            return replace(fact, state=state, confirmed_at=at)
        case ReservationCancelled():
            return replace(fact, state=state, cancelled_at=at, reason=data.reason)
        case _:
            return replace(fact, state=state)
