"""Filling the gaps of showtimes from EventLog: what a hub has lost, or a consumer has never been given.

The hub gives each stream in order, so that an event that is *ahead* means that one before it did not come. It may still
come, and most do; a gap that is older than one's patience is filled. Events go through the projector's own use case, so
that it does not matter who else projects them at the same time, or once more later.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import NamedTuple, Protocol
from uuid import UUID

from shared.application.audit.ports import StationUnreadableError
from shared.application.projections.generations import GenerationDirectory
from shared.application.projections.ports import Clock, ViewContentionError, ViewStoreUnavailableError
from shared.application.projections.received_events import ReceivedEvent, parse_event
from shared.application.streams import showtime_stream
from shared.contracts.envelope import MalformedEventError
from shared.contracts.event_data import UnknownEventTypeError

_ASKED_AT_ONCE = 5_000
"""Missing sequences of one showtime that are looked for in a run: a wider gap is filled from its beginning."""

_log = logging.getLogger(__name__)


class GapPlace(NamedTuple):
    """Where a gap stands among all, the oldest first."""

    since: datetime
    showtime_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowtimeGap:
    """A showtime of which later events were applied than some that were not."""

    place: GapPlace
    sequence: int
    ahead: Sequence[int]

    @property
    def stream_id(self) -> str:
        """The stream that the missing events belong to."""
        return showtime_stream(UUID(self.place.showtime_id))

    @property
    def width(self) -> int:
        """How many events are missing."""
        return max(self.ahead) - self.sequence - len(self.ahead)

    def missing(self, *, most: int) -> list[int]:
        """The first of the sequences that are missing."""
        applied = frozenset(self.ahead)
        absent = (n for n in range(self.sequence + 1, max(applied)) if n not in applied)
        return list(islice(absent, most))


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPage:
    """Some gaps. `last` is where the page ends; None if there are no more behind it."""

    gaps: Sequence[ShowtimeGap]
    last: GapPlace | None


class GapReader(Protocol):
    """The views, asked for what is incomplete."""

    def gaps(self, *, until: datetime, after: GapPlace | None, limit: int) -> GapPage:
        """The gaps since that moment or before, the oldest first, from behind a place on.

        Raises:
            ViewStoreUnavailableError: the store does not answer.
        """
        ...


class EventArchive(Protocol):
    """EventLog, which has every event for ever."""

    def read(self, stream_id: str, *, sequences: Collection[int], limit: int) -> Sequence[ReceivedEvent]:
        """Those of these events of a stream that it has, the first ones first.

        Raises:
            StationUnreadableError: the database does not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLimits:
    """How old a gap must be, and how much a run does: events a showtime, showtimes a page, seconds altogether."""

    patience_seconds: float
    showtime_events: int
    budget_seconds: float
    page_showtimes: int = 100


@dataclass(slots=True, kw_only=True)
class GapTally:
    """What a run has done: events projected, and of the gaps that it leaves the events, showtimes and the oldest's age.

    `failed` showtimes could not be filled though their events are there. It is not finished if the budget ended first.
    """

    filled: int = 0
    waiting: int = 0
    showtimes: int = 0
    failed: int = 0
    oldest_seconds: float = 0.0
    is_finished: bool = True

    @property
    def has_seen_any(self) -> bool:
        """Whether there was any gap."""
        return bool(self.filled or self.showtimes)


class FillGaps:
    """Call it for a run. One that the budget ends is gone on with by the next, so that no gap keeps another waiting."""

    def __init__(
        self,
        *,
        gaps: GapReader,
        archive: EventArchive,
        project: Callable[[Sequence[ReceivedEvent]], object],
        clock: Clock,
        monotonic: Callable[[], float],
        limits: GapLimits,
    ) -> None:
        self._gaps = gaps
        self._archive = archive
        self._project = project
        self._clock = clock
        self._monotonic = monotonic
        self._limits = limits
        self._reached: GapPlace | None = None

    def __call__(self) -> GapTally:
        """Fill what can be filled.

        Raises:
            ViewStoreUnavailableError: the views do not answer. What was filled stays filled.
            StationUnreadableError: EventLog does not answer.
        """
        ends = self._monotonic() + self._limits.budget_seconds
        now, tally = self._clock.now(), GapTally()
        until = now - timedelta(seconds=self._limits.patience_seconds)
        while True:
            page = self._gaps.gaps(until=until, after=self._reached, limit=self._limits.page_showtimes)
            for gap in page.gaps:
                self._fill(gap, tally=tally, now=now)
                self._reached = gap.place
                if self._monotonic() >= ends:
                    tally.is_finished = False
                    return tally
            self._reached = page.last
            if page.last is None:
                return tally

    def _fill(self, gap: ShowtimeGap, *, tally: GapTally, now: datetime) -> None:
        """Fill one gap as far as EventLog can. Whatever else goes wrong with it, the others are not to wait."""
        filled = 0
        try:
            filled = self._fill_from_log(gap)
        except ViewContentionError:
            tally.failed += 1
            _log.warning("projection_gap_left showtime=%s", gap.place.showtime_id)
        except (ViewStoreUnavailableError, StationUnreadableError):
            raise
        except Exception:  # noqa: BLE001 it is logged, and the next run meets it again
            tally.failed += 1
            _log.exception("projection_gap_left showtime=%s", gap.place.showtime_id)
        tally.filled += filled
        if left := gap.width - filled:
            tally.waiting += left
            tally.showtimes += 1
            tally.oldest_seconds = max(tally.oldest_seconds, (now - gap.place.since).total_seconds())

    def _fill_from_log(self, gap: ShowtimeGap) -> int:
        wanted = gap.missing(most=_ASKED_AT_ONCE)
        found = self._archive.read(gap.stream_id, sequences=wanted, limit=self._limits.showtime_events)
        events = [event for event in found if _can_be_read(event)]
        if events:
            self._project(events)
        return len(events)


class FillGapsOfGenerations:
    """Fills the gaps of every generation of the views that is kept up to date. Call it for a run of each."""

    def __init__(
        self, directory: GenerationDirectory, *, filling_of: Callable[[int], Callable[[], GapTally]]
    ) -> None:
        self._directory = directory
        self._filling_of = cache(filling_of)

    def __call__(self) -> dict[int, GapTally]:
        """The tallies by generation.

        Raises:
            ViewStoreUnavailableError, StationUnreadableError: see `FillGaps`.
        """
        return {generation: self._filling_of(generation)() for generation in self._directory.read().written}


def _can_be_read(event: ReceivedEvent) -> bool:
    """Whether it is worth a try: what can't be read was parked when it came from the hub, and waits there."""
    try:
        parse_event(event)
    except (MalformedEventError, UnknownEventTypeError):
        return False
    return True
