"""Dead letters: what a sink will never take as it is, and what a person can do about it.

A poisoned message *holds* its stream for the one sink that refuses it: the rest of the stream waits behind it, in order,
and everything else flows on. Once the cause is mended, `redrive` lets the stream go on from that message; `discard`
lets it go on behind it, and leaves a gap that has a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared.domain.errors import CinemaError, ErrorKind


class HoldState(StrEnum):
    """Whether a held stream waits for a person, or for the master that carries what has piled up."""

    HELD = "Held"
    RESUMED = "Resumed"


class HoldResumedError(CinemaError):
    """The hold is being carried already, so that its message may no longer be dropped."""

    code = "dead-letter-resumed"
    kind = ErrorKind.CONFLICT

    def __init__(self, hold_id: int) -> None:
        super().__init__(f"Dead letter {hold_id} has been resumed already")
        self.hold_id = hold_id


class OtherMessageHeldError(CinemaError):
    """The hold has moved on: its stream was let go, and is held again from another message than the caller means."""

    code = "dead-letter-changed"
    kind = ErrorKind.CONFLICT

    def __init__(self, hold_id: int, *, event_id: UUID) -> None:
        super().__init__(f"Dead letter {hold_id} is now about event {event_id}")
        self.hold_id = hold_id
        self.event_id = event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stream that one sink does not get further with. `waiting` counts the messages put aside, the poison included.

    The aggregate is the one that the poison is about.
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
    held_at: datetime
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard:
    """A message that a person has decided one sink shall never get."""

    id: int
    sink: str
    stream_id: str
    sequence: int
    event_id: UUID
    reason: str
    discarded_at: datetime


class DeadLetters(Protocol):
    """The holds of every sink. Methods block; each raises `OutboxStoreUnavailableError` when the database can't answer."""

    def list(self, *, sink: str | None = None, after: int = 0, limit: int) -> Sequence[Hold]:
        """Holds with an id above `after`, in order of their ids."""
        ...

    def get(self, hold_id: int) -> Hold:
        """One hold.

        Raises:
            NotFoundError: there is none with this id, or its stream flows again.
        """
        ...

    def redrive(self, hold_id: int) -> Hold:
        """Let the stream go on from the held message. To resume what is resumed changes nothing.

        Raises:
            NotFoundError: there is none with this id, or its stream flows again.
        """
        ...

    def discard(self, hold_id: int, *, event_id: UUID | None = None) -> Discard:
        """Drop the held message for this sink, keep a record of it, and let the stream go on behind it.

        A caller that says which event it means can ask again when the answer was lost: it never drops the next one.

        Raises:
            OtherMessageHeldError: it means another event than the one that is held.
            NotFoundError: there is none with this id, or its stream flows again.
            HoldResumedError: the message is being carried again.
        """
        ...

    def discards(self, *, after: int = 0, limit: int) -> Sequence[Discard]:
        """What was discarded with an id above `after`, in order of the ids."""
        ...
