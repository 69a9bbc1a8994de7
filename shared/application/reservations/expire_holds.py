"""Let the seats of ended holds go, showtime by showtime.

What is to be done is plain from the reservations and the time; so a run that dies costs nothing but the showtime in
hand, which rolls back, and any number of runs at once let each hold go once.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.application.clock import Clock, IdGenerator
from shared.application.command_context import CommandContext
from shared.application.errors import UnavailableError
from shared.application.rerun import CommandRunner
from shared.application.reservations.locking import reservation_to_change, showtime_on_programme
from shared.application.streams import showtime_stream
from shared.application.unit_of_work import UnitOfWork

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryTally:
    """What a run has done: holds let go, and showtimes left for the next run."""

    expired: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireHolds:
    """One transaction for each showtime; at most `chunk` holds in it."""

    runner: CommandRunner
    clock: Clock
    ids: IdGenerator
    chunk: int

    def __call__(self) -> ExpiryTally:
        """Let go what has ended by now. A showtime that can't be written now does not keep the others waiting."""
        at = self.clock.now()
        expired = 0
        while ended := self._ended_holds(at):
            outcomes = [self._expire(one, holds=holds, at=at) for one, holds in ended.items()]
            expired += sum(outcome or 0 for outcome in outcomes)
            left = outcomes.count(None)
            # What can't be done now would be found again and again.
            if left or sum(map(len, ended.values())) < self.chunk:
                return ExpiryTally(expired=expired, left=left)
        return ExpiryTally(expired=expired)

    def _ended_holds(self, at: datetime) -> Mapping[UUID, Sequence[UUID]]:
        return self.runner.run(
            self._context(), work=lambda unit: unit.reservations.ended_holds(at=at, most=self.chunk)
        )

    def _expire(self, showtime_id: UUID, *, holds: Sequence[UUID], at: datetime) -> int | None:
        """How many holds of a showtime were let go; None if that could not be done now."""
        try:
            return self.runner.run(
                self._context(), work=lambda unit: _expire(showtime_id, holds=holds, unit=unit, at=at)
            )
        except UnavailableError:
            _log.warning("holds_not_expired_yet showtime=%s holds=%d", showtime_id, len(holds))
            return None

    def _context(self) -> CommandContext:
        return CommandContext(command_id=self.ids.new_id())


def _expire(showtime_id: UUID, *, holds: Sequence[UUID], unit: UnitOfWork, at: datetime) -> int:
    """The holds were found without a lock: one that was paid, or let go, since then stays as it is."""
    showtime_on_programme(showtime_id, unit=unit)
    expired = 0
    for reservation_id in sorted(holds):
        reservation = reservation_to_change(reservation_id, unit=unit)
        expired += reservation.expire(at=at)
        unit.reservations.save(reservation)
    unit.commit(stream=showtime_stream(showtime_id))
    return expired
