"""Drop old entries of the command ledger, so that it does not grow for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.application.clock import Clock
from shared.application.timer_runner import TimerRunner
from shared.application.unit_of_work import UnitOfWork

BATCH = 1_000
"""Below the number of row locks at which SQL Server would lock the whole table (5,000)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetAnswers:
    """One transaction a batch. Several instances at once drop different entries."""

    runner: TimerRunner
    clock: Clock
    retention: timedelta

    def __call__(self) -> int:
        """Drop what is older than the retention; answer how many entries that were."""
        until = self.clock.now() - self.retention
        dropped = 0
        while True:
            found = self.runner.run(lambda unit: _forget_a_batch(unit, until=until))
            dropped += found
            if found < BATCH:
                return dropped


def _forget_a_batch(unit: UnitOfWork, *, until: datetime) -> int:
    found = unit.ledger.forget(until=until, most=BATCH)
    unit.commit()
    return found
