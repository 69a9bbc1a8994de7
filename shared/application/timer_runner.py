"""Running what timers do and no client has asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.application.clock import IdGenerator
from shared.application.command_context import CommandContext
from shared.application.rerun import CommandRunner
from shared.application.unit_of_work import UnitOfWork

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRunner:
    """Gives each piece of work a command of its own."""

    runner: CommandRunner
    ids: IdGenerator

    def run(self, work: Callable[[UnitOfWork], Answer]) -> Answer:
        """Answer what the work answers.

        Raises:
            UnavailableError, CinemaError: see `CommandRunner.run`.
        """
        return self.runner.run(CommandContext(command_id=self.ids.new_id()), work=work)
