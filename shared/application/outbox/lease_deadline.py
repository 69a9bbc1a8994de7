"""Until when a worker may act on its lane, by its own clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

MonotonicClock = Callable[[], float]
"""Seconds on a clock that never goes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseDeadline:
    """A deadline taken *before* the claim, so that it always falls before the lease's end in the database."""

    ends_at: float
    clock: MonotonicClock

    @classmethod
    def starting_now(cls, *, lease_seconds: float, clock: MonotonicClock = time.monotonic) -> Self:
        """The deadline of a lane that is claimed next."""
        return cls(ends_at=clock() + lease_seconds, clock=clock)

    def permits(self, seconds: float) -> bool:
        """Whether an act of at most this many seconds, begun now, ends while the lane is surely still ours."""
        return self.clock() + seconds <= self.ends_at
