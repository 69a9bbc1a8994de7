"""What operators are told of the outbox, as JSON: the same by the functions and by the command line."""

from collections.abc import Sequence
from uuid import UUID

from shared.application.outbox.dead_letters import Discard, Hold, HoldState
from shared.application.outbox.status import OutboxStatus
from shared.contracts.wire import UtcTime, WireModel


class TallyDocument(WireModel):
    """How many there are; if it is not `exact`, at least so many."""

    count: int
    exact: bool


class OldestPendingDocument(WireModel):
    """The message that has waited longest in the lanes of a sink, by the database's clock."""

    message_id: int
    event_id: UUID
    stream_id: str
    age_seconds: float


class LaneLeaseDocument(WireModel):
    """A lane that a master holds at this moment, until `ends_at` at the latest."""

    lane: int
    owner: str
    ends_at: UtcTime
    epoch: int


class LaneBackoffDocument(WireModel):
    """A lane that is left alone until `next_attempt_at`, since it has failed so often in a row."""

    lane: int
    failures: int
    next_attempt_at: UtcTime


class SinkStatusDocument(WireModel):
    """One sink. `delivered` counts from the beginning, so that a rate is the difference of two answers over their `at`.

    `pending` messages stand in the lanes; `held` ones stand aside behind `holds` dead letters. `lanes` is how many there are,
    numbered from 0; `work_in` are those with work, `held_in` those with a stream that waits for a person.
    """

    sink: str
    pending: TallyDocument
    oldest: OldestPendingDocument | None
    held: TallyDocument
    holds: TallyDocument
    delivered: int
    lanes_with_work: int
    lanes: int
    work_in: tuple[int, ...]
    held_in: tuple[int, ...]
    leases: tuple[LaneLeaseDocument, ...]
    backoffs: tuple[LaneBackoffDocument, ...]


class OutboxStatusDocument(WireModel):
    """Every sink, as it was at one moment of the database's clock."""

    at: UtcTime
    sinks: tuple[SinkStatusDocument, ...]


class DeadLetterDocument(WireModel):
    """A stream that one sink does not get further with, since it refuses the message at `sequence`.

    `waiting` counts the messages that are put aside, the refused one included. `aggregate_id` is what the refused one is about:
    of an `aggregate_type` of "Reservation", the reservation, which can be traced.
    """

    id: int
    sink: str
    stream_id: str
    sequence: int
    event_id: UUID
    type: str
    aggregate_type: str
    aggregate_id: str
    state: HoldState
    reason: str
    held_at: UtcTime
    waiting: int


class DeadLettersDocument(WireModel):
    """A page of dead letters; `next_after` asks for the next one, and is null on the last."""

    dead_letters: tuple[DeadLetterDocument, ...]
    next_after: int | None


class DiscardDocument(WireModel):
    """A message that one sink shall never get: a gap, with its name."""

    id: int
    sink: str
    stream_id: str
    sequence: int
    event_id: UUID
    reason: str
    discarded_at: UtcTime


class DiscardsDocument(WireModel):
    """Every gap that somebody has decided on."""

    discards: tuple[DiscardDocument, ...]


def status_document(outbox: OutboxStatus) -> OutboxStatusDocument:
    """How the outbox stands."""
    return OutboxStatusDocument.model_validate(outbox, from_attributes=True)


def dead_letter_document(hold: Hold) -> DeadLetterDocument:
    """One dead letter."""
    return DeadLetterDocument.model_validate(hold, from_attributes=True)


def dead_letters_document(holds: Sequence[Hold], *, limit: int) -> DeadLettersDocument:
    """A page of at most `limit` dead letters, of holds of which one more was asked for."""
    page = tuple(dead_letter_document(hold) for hold in holds[:limit])
    return DeadLettersDocument(dead_letters=page, next_after=page[-1].id if len(holds) > limit else None)


def discard_document(discard: Discard) -> DiscardDocument:
    """One discarded message."""
    return DiscardDocument.model_validate(discard, from_attributes=True)


def discards_document(discards: Sequence[Discard]) -> DiscardsDocument:
    """Every discarded message."""
    return DiscardsDocument(discards=tuple(discard_document(discard) for discard in discards))
