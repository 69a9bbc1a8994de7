"""Cancel the reservations of cancelled showtimes, chunk by chunk.

What is still to do is in the store since the showtime's cancellation was committed; so a run that dies costs nothing
but the chunk in hand, which rolls back, and any number of runs at once do the work once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.application.clock import Clock
from shared.application.showtimes.locking import showtime_to_change
from shared.application.timer_runner import MOST_FAILURES_A_RUN, TimerRunner
from shared.application.unit_of_work import UnitOfWork

MOST_SHOWTIMES_A_RUN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingTally:
    """What a run has done: reservations let go, showtimes finished, showtimes left for the next run."""

    reservations: int = 0
    cleared: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearCancelledShowtimes:
    """One transaction for each chunk of one showtime's reservations."""

    runner: TimerRunner
    clock: Clock
    chunk: int

    def __call__(self) -> ClearingTally:
        """Clear what is to be cleared. A showtime that can't be cleared now does not keep the others waiting.

        Raises:
            UnavailableError: the store does not even say what is to be cleared.
        """
        tally = ClearingTally()
        for showtime_id in self._still_to_clear():
            tally = self._clear(showtime_id, tally=tally)
            if tally.left == MOST_FAILURES_A_RUN:
                break
        return tally

    def _still_to_clear(self) -> Sequence[UUID]:
        return self.runner.run(lambda unit: unit.showtimes.still_to_clear(most=MOST_SHOWTIMES_A_RUN))

    def _clear(self, showtime_id: UUID, *, tally: ClearingTally) -> ClearingTally:
        total = tally.reservations
        while True:
            let_go = self.runner.run_or_leave(
                lambda unit: self._clear_a_chunk(showtime_id, unit=unit),
                failure="showtime_not_cleared_yet",
                showtime_id=showtime_id,
            )
            if let_go is None:
                return ClearingTally(reservations=total, cleared=tally.cleared, left=tally.left + 1)
            total += let_go
            if let_go < self.chunk:
                return ClearingTally(reservations=total, cleared=tally.cleared + 1, left=tally.left)

    def _clear_a_chunk(self, showtime_id: UUID, *, unit: UnitOfWork) -> int:
        """Cancel some of a showtime's reservations; answer how many there were. The lock keeps other runs out."""
        showtime_to_change(showtime_id, unit=unit)
        live = unit.reservations.live_of(showtime_id, most=self.chunk)
        at = self.clock.now()
        for reservation in live:
            reservation.cancel_with_showtime(at=at)
            unit.reservations.save(reservation)
        if len(live) < self.chunk:
            unit.showtimes.note_cleared(showtime_id)
        unit.commit()
        return len(live)
