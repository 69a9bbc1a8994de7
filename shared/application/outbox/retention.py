"""Forget messages that every sink has had for long, so that the outbox does not grow for ever.

The reporting database's event log is the permanent archive; a message here is only kept for those who look into the
outbox itself. A run begins at the oldest message and remembers nothing from the run before: it passes by what it has
to keep, at the price of a look at it, and what one run does not get to in its time the next one does.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.application.outbox.lease_deadline import MonotonicClock

STEP = 1_000
"""Messages a step, well below the 5,000 row locks in one index at which SQL Server locks the whole table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionStep:
    """What became of the next messages: up to which id they were looked at, and whether those were the last old ones.

    Those that another run took in the meantime count as kept.
    """

    last: int
    forgotten: int
    kept: int
    is_last: bool


class OutboxHistory(Protocol):
    """The messages of the outbox by age, the oldest first.

    Every method raises `TransientFaultError` when the database can't answer.
    """

    def now(self) -> datetime:
        """The time by the database's clock."""
        ...

    def forget(self, *, after: int, until: datetime, most: int) -> RetentionStep:
        """Look at the next `most` messages beyond the id `after`, up to the first that is not older than `until`.

        Of those, forget each that no sink waits for and whose stream no sink holds. What somebody else has locked is
        kept. Whoever wants an old message delivered again locks it first, and then either it stays or it is gone.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTally:
    """What a run has done. It is finished when it has come to a message that is young."""

    forgotten: int
    kept: int
    is_finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetDeliveredMessages:
    """Step by step, each in a transaction of its own, until a message is young or `budget_seconds` are over.

    Several runs at once do no harm: neither waits for what the other has locked.
    """

    history: OutboxHistory
    retention: timedelta
    budget_seconds: float
    clock: MonotonicClock = time.monotonic

    def __call__(self) -> RetentionTally:
        """Forget what is older than the retention now; at least one step is made, whatever the budget.

        Raises:
            TransientFaultError: the database can't answer; the steps before are done.
        """
        ends_at = self.clock() + self.budget_seconds
        until = self.history.now() - self.retention
        after = forgotten = kept = 0
        while True:
            step = self.history.forget(after=after, until=until, most=STEP)
            after = step.last
            forgotten += step.forgotten
            kept += step.kept
            if step.is_last or self.clock() >= ends_at:
                return RetentionTally(forgotten=forgotten, kept=kept, is_finished=step.is_last)
