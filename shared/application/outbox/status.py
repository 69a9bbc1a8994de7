"""How the outbox stands: what waits for each sink, since when, and what its lanes are doing.

Looking costs the same however full the outbox is, so that a page may do it every second: lanes are probed, never
scanned, and what waits is counted up to a limit alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

COUNTED_TO = 100_000
"""Where counting ends: a longer backlog is told as "at least" so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many there are; if it is not `exact`, at least so many."""

    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OldestPending:
    """The message that has waited longest in the lanes of a sink. `age_seconds` is by the database's clock."""

    message_id: int
    event_id: UUID
    stream_id: str
    age_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLease:
    """A lane that a master holds at this moment, until `ends_at` at the latest."""

    lane: int
    owner: str
    ends_at: datetime
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneBackoff:
    """A lane that is left alone until `next_attempt_at`, since it has failed so often in a row."""

    lane: int
    failures: int
    next_attempt_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkStatus:
    """One sink. `delivered` counts from the beginning of the outbox, and only ever grows.

    `pending` messages stand in the lanes; `held` ones stand aside, behind the dead letters, of which there are `holds`.
    Of its `lanes` some have work, by their numbers `work_in`, and in some (`held_in`) a stream waits for a person.
    """

    sink: str
    pending: Tally
    oldest: OldestPending | None
    held: Tally
    holds: Tally
    delivered: int
    lanes: int
    work_in: Sequence[int]
    held_in: Sequence[int]
    leases: Sequence[LaneLease]
    backoffs: Sequence[LaneBackoff]

    @property
    def lanes_with_work(self) -> int:
        """How many lanes have work."""
        return len(self.work_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStatus:
    """Every sink, by name, as it was at one moment of the database's clock."""

    at: datetime
    sinks: Sequence[SinkStatus]

    def rates_since(self, earlier: "OutboxStatus") -> Mapping[str, float]:
        """Messages a second that each sink has got since then; none if no time has passed."""
        seconds = (self.at - earlier.at).total_seconds()
        if seconds <= 0:
            return {}
        before = {sink.sink: sink.delivered for sink in earlier.sinks}
        return {
            sink.sink: (sink.delivered - before[sink.sink]) / seconds
            for sink in self.sinks
            if sink.sink in before
        }


class OutboxStatusReader(Protocol):
    """Looks at the outbox, and locks nothing."""

    def read(self) -> OutboxStatus:
        """How the outbox stands now.

        Raises:
            OutboxStoreUnavailableError: the database can't answer.
            OutboxNotMigratedError: it has no outbox, or that of another release.
        """
        ...
