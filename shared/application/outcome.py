"""What a command answers."""

from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[State]):
    """The aggregate as the command left it.

    Attributes:
        state: what is true now.
        sequence: the place in the aggregate's stream that a reader must have reached to see it.
        created: whether the command brought it into being.
    """

    state: State
    sequence: int
    created: bool = False
