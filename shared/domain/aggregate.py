"""What the aggregates have in common: a state, a version, and the events that brought them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar


class AggregateState(Protocol):
    """A frozen picture of an aggregate. Its version counts its events, from 1."""

    @property
    def version(self) -> int: ...


State = TypeVar("State", bound=AggregateState)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent(Generic[State]):
    """Something that happened to an aggregate; `state` is what it became."""

    state: State
    occurred_at: datetime


class BrokenHistoryError(Exception):
    """A list of events that no aggregate can have lived through: empty, or with a version missing."""


class Aggregate(Generic[State]):
    """A state that changes by recording events, and by nothing else."""

    def __init__(self, state: State, *, events: Sequence[DomainEvent[State]] = ()) -> None:
        """Use `restore`, `from_events`, or the verb with which the aggregate's life begins."""
        self._state = state
        self._events = list(events)

    @classmethod
    def restore(cls, state: State) -> Self:
        """An aggregate as it was stored. Nothing is checked again: the rules may have changed since."""
        return cls(state)

    @classmethod
    def from_events(cls, events: Sequence[DomainEvent[State]]) -> Self:
        """An aggregate rebuilt from its whole history.

        Raises:
            BrokenHistoryError: the versions of the events are not 1, 2, 3, …
        """
        versions = [event.state.version for event in events]
        if not versions or versions != list(range(1, len(versions) + 1)):
            raise BrokenHistoryError(f"versions {versions} are not a whole history")
        return cls(events[-1].state)

    @property
    def state(self) -> State:
        """What is true now."""
        return self._state

    @property
    def new_events(self) -> tuple[DomainEvent[State], ...]:
        """What has happened since the aggregate was restored."""
        return tuple(self._events)

    @property
    def stored_version(self) -> int:
        """The version that the store must still have for the new events to be true; 0 for a newborn."""
        return self._state.version - len(self._events)

    def _record(self, event: DomainEvent[State]) -> None:
        self._state = event.state
        self._events.append(event)
