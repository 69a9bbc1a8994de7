"""Let the seats of ended holds go, showtime by showtime.

What is to be done is plain from the reservations and the time; so a run that dies costs nothing but the showtime in
hand, which rolls back, and any number of runs at once let each hold go once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.application.clock import Clock
from shared.application.reservations.locking import reservation_to_change, showtime_on_programme
from shared.application.timer_runner import MOST_FAILURES_A_RUN, TimerRunner
from shared.application.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryTally:
    """What a run has done: holds let go, and showtimes that failed and are left for the next run."""

    expired: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireHolds:
    """One transaction for each showtime; at most `chunk` holds in it, and at most `most` in a run."""

    runner: TimerRunner
    clock: Clock
    chunk: int
    most: int

    def __call__(self) -> ExpiryTally:
        """Let go what has ended by now. A showtime that can't be written now does not keep the others waiting.

        Raises:
            UnavailableError: the store does not even say which holds have ended.
        """
        tried = expired = 0
        stuck: set[UUID] = set()
        while tried < self.most:
            asked = min(self.chunk, self.most - tried)
            ended = self._ended_holds(most=asked, besides=stuck)
            for showtime_id, holds in ended.items():
                outcome = self._expire(showtime_id, holds=holds)
                if outcome is None:
                    stuck.add(showtime_id)
                if len(stuck) == MOST_FAILURES_A_RUN:
                    return ExpiryTally(expired=expired, left=len(stuck))
                expired += outcome or 0
            found = sum(map(len, ended.values()))
            if found < asked:
                break
            tried += found
        return ExpiryTally(expired=expired, left=len(stuck))

    def _ended_holds(self, *, most: int, besides: set[UUID]) -> Mapping[UUID, Sequence[UUID]]:
        """The longest ended come first; without leaving out the stuck ones, they would be found again and again."""
        at = self.clock.now()
        return self.runner.run(lambda unit: unit.reservations.ended_holds(at=at, most=most, besides=besides))

    def _expire(self, showtime_id: UUID, *, holds: Sequence[UUID]) -> int | None:
        """How many holds of a showtime were let go; None if that could not be done now."""
        return self.runner.run_or_leave(
            lambda unit: self._expire_in(unit, showtime_id, holds=holds),
            failure="holds_not_expired_yet",
            showtime_id=showtime_id,
        )

    def _expire_in(self, unit: UnitOfWork, showtime_id: UUID, *, holds: Sequence[UUID]) -> int:
        """The holds were found without a lock: one that was paid, or let go, since then stays as it is."""
        showtime_on_programme(showtime_id, unit=unit)
        # Every lock on a reservation comes before the first on a seat, as everywhere.
        locked = [reservation_to_change(reservation_id, unit=unit) for reservation_id in sorted(holds)]
        at = self.clock.now()
        ended = [reservation for reservation in locked if reservation.expire(at=at)]
        for reservation in ended:
            unit.reservations.save(reservation)
        unit.commit()
        return len(ended)
