"""The pipeline as operators see it: the outbox, the projector's lag, what the views miss, the cache's hit rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.application.outbox.status import OutboxStatus, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredEvent:
    """An event that the hub has, as the outbox knows it. `age_seconds` is by the database's clock."""

    stream_id: str
    sequence: int
    version: int
    lane: int
    age_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLag:
    """A partition of the hub: how many of the events that were looked at are not in their documents yet.

    `lag_seconds` is the age of the oldest of them, 0 if there is none. It is not `exact`, and may be more, if there was
    none before it that could be looked at.
    """

    partition: int
    behind: int
    lag_seconds: float
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewGaps:
    """The showtimes that miss an event which later ones have overtaken, and since when the first of them has."""

    showtimes: Tally
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectorStatus:
    """The projector. `looked_at` is how many of the newest delivered events were compared with their documents."""

    looked_at: int
    partitions: Sequence[PartitionLag]
    gaps: ViewGaps
    parked: Tally

    @property
    def behind(self) -> int:
        """The events that are not in their documents yet, on all partitions."""
        return sum(partition.behind for partition in self.partitions)

    @property
    def lag_seconds(self) -> float:
        """The lag of the partition that lags most."""
        return max((partition.lag_seconds for partition in self.partitions), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCounts:
    """How often the read service had an answer in the cache, and how often not, since the counters were made."""

    hits: int
    misses: int

    @property
    def hit_rate(self) -> float | None:
        """The share of hits, from 0 to 1; None if nobody has asked yet."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """All of it. What could not be read is None, and `unreadable` says why by its station."""

    outbox: OutboxStatus
    projector: ProjectorStatus | None
    cache: CacheCounts | None
    unreadable: Mapping[str, str] = field(default_factory=dict[str, str])
