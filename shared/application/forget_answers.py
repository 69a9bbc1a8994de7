"""Drop old entries of the command ledger, so that it does not grow for ever."""

from dataclasses import dataclass
from datetime import timedelta

from shared.application.clock import Clock, IdGenerator
from shared.application.command_context import CommandContext
from shared.application.rerun import CommandRunner
from shared.application.unit_of_work import UnitOfWork

BATCH = 1_000
"""Below the number of row locks at which SQL Server would lock the whole table (5,000)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetAnswers:
    """One transaction a batch. Several instances at once drop different entries."""

    runner: CommandRunner
    clock: Clock
    ids: IdGenerator
    retention: timedelta

    def __call__(self) -> int:
        """Drop what is older than the retention; answer how many entries that were."""
        until = self.clock.now() - self.retention
        dropped = 0
        while True:
            context = CommandContext(command_id=self.ids.new_id())

            def forget(unit: UnitOfWork) -> int:
                found = unit.ledger.forget(until=until, most=BATCH)
                unit.commit(stream="")
                return found

            found = self.runner.run(context, work=forget)
            dropped += found
            if found < BATCH:
                return dropped
