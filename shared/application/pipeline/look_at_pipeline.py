"""Looking at the whole pipeline, cheaply enough for a page that does so each second.

The projector's lag is told from what it is for: whether the newest events that the hub has are in their documents. That
needs no more than the outbox and the views, and it says the same whether the projector is slow, stands still or is gone.
An event that later ones of its stream have overtaken is a gap, and no lag: it is counted as such.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.application.audit.ports import StationUnreadableError
from shared.application.outbox.status import OutboxStatusReader
from shared.application.pipeline.pipeline import (
    CacheCounts,
    DeliveredEvent,
    PartitionLag,
    Pipeline,
    ProjectorStatus,
)
from shared.application.pipeline.ports import CacheCounters, DeliveredEvents, ViewProgress
from shared.contracts.documents import AuditoriumDocument, MovieDocument

LOOKED_AT = 500
"""How many of the newest events of the outbox are looked at."""

_SHOWTIME, _MOVIE, _AUDITORIUM = "showtime", "movie", "auditorium"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineParts:
    """Where it is looked. The hub has `partitions`, over which lanes are spread by their numbers."""

    outbox: OutboxStatusReader
    delivered: DeliveredEvents
    views: ViewProgress
    cache: CacheCounters
    partitions: int


class LookAtPipeline:
    """Call it for a look. It only reads."""

    def __init__(self, parts: PipelineParts, *, looked_at: int = LOOKED_AT) -> None:
        self._parts = parts
        self._looked_at = looked_at

    def __call__(self) -> Pipeline:
        """How everything stands. What is read first was there when the rest is read.

        Raises:
            OutboxStoreUnavailableError: the write database can't answer. Without anything else there is an answer.
            OutboxNotMigratedError: it has no outbox, or that of another release.
        """
        unreadable: dict[str, str] = {}
        outbox = self._parts.outbox.read()
        delivered = self._parts.delivered.newest(most=self._looked_at)
        return Pipeline(
            outbox=outbox,
            projector=self._projector(delivered, unreadable=unreadable),
            cache=self._cache(unreadable=unreadable),
            unreadable=unreadable,
        )

    def _projector(
        self, delivered: Sequence[DeliveredEvent], *, unreadable: dict[str, str]
    ) -> ProjectorStatus | None:
        try:
            return ProjectorStatus(
                looked_at=len(delivered),
                partitions=_lags(
                    delivered, reached=self._reached(delivered), partitions=self._parts.partitions
                ),
                gaps=self._parts.views.gaps(),
                parked=self._parts.views.parked(),
            )
        except StationUnreadableError as error:
            unreadable[error.station] = error.reason
            return None

    def _reached(self, delivered: Sequence[DeliveredEvent]) -> Mapping[str, int]:
        """How far the document of each stream has got: a showtime's by sequence, any other's by version."""
        ids: dict[str, set[str]] = defaultdict(set)
        for event in delivered:
            kind, _, identity = event.stream_id.partition(":")
            ids[kind].add(identity)
        views = self._parts.views
        found: dict[str, Mapping[str, int]] = {}
        if showtimes := ids[_SHOWTIME]:
            found[_SHOWTIME] = views.newest_sequences(showtimes)
        for kind, model in ((_MOVIE, MovieDocument), (_AUDITORIUM, AuditoriumDocument)):
            if ids[kind]:
                found[kind] = views.versions(model, ids[kind])
        return {
            f"{kind}:{identity}": reached
            for kind, progress in found.items()
            for identity, reached in progress.items()
        }

    def _cache(self, *, unreadable: dict[str, str]) -> CacheCounts | None:
        try:
            return self._parts.cache.counts()
        except StationUnreadableError as error:
            unreadable[error.station] = error.reason
            return None


def _lags(
    delivered: Sequence[DeliveredEvent], *, reached: Mapping[str, int], partitions: int
) -> list[PartitionLag]:
    """The lag of each partition of which there is an event."""
    of_partition: dict[int, list[DeliveredEvent]] = defaultdict(list)
    for event in delivered:
        of_partition[event.lane % partitions].append(event)
    return [_lag(partition, of_partition[partition], reached=reached) for partition in sorted(of_partition)]


def _lag(partition: int, events: Sequence[DeliveredEvent], *, reached: Mapping[str, int]) -> PartitionLag:
    behind = [event for event in events if not _is_projected(event, reached=reached)]
    return PartitionLag(
        partition=partition,
        behind=len(behind),
        lag_seconds=max((event.age_seconds for event in behind), default=0.0),
        exact=not behind or behind[0] is not events[0],
    )


def _is_projected(event: DeliveredEvent, *, reached: Mapping[str, int]) -> bool:
    is_of_showtime = event.stream_id.startswith(f"{_SHOWTIME}:")
    place = event.sequence if is_of_showtime else event.version
    return place <= reached.get(event.stream_id, 0)
