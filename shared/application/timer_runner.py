"""Running what timers do and no client has asked for."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from shared.application.clock import IdGenerator
from shared.application.command_context import CommandContext
from shared.application.errors import UnavailableError
from shared.application.rerun import CommandRunner
from shared.application.unit_of_work import UnitOfWork

MOST_FAILURES_A_RUN = 20
"""When so many showtimes could not be written, it is the store that ails; each may have cost a wait for a lock."""

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


def no_trace() -> None:
    """What is told where nobody traces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRunner:
    """Gives each piece of work a command of its own, in the trace of which `traceparent` tells."""

    runner: CommandRunner
    ids: IdGenerator
    traceparent: Callable[[], str | None] = no_trace

    def run(self, work: Callable[[UnitOfWork], Answer]) -> Answer:
        """Answer what the work answers.

        Raises:
            UnavailableError, CinemaError: see `CommandRunner.run`.
        """
        context = CommandContext(command_id=self.ids.new_id(), traceparent=self.traceparent())
        return self.runner.run(context, work=work)

    def run_or_leave(
        self, work: Callable[[UnitOfWork], Answer], *, failure: str, showtime_id: UUID
    ) -> Answer | None:
        """Answer what the work on a showtime answers; None if it could not be done now, which is logged as `failure`.

        Whatever went wrong, the other showtimes are not to wait until it is mended.
        """
        try:
            return self.run(work)
        except UnavailableError:
            _log.warning("%s showtime=%s", failure, showtime_id)
        except Exception:  # noqa: BLE001 it is logged, and the next run meets it again
            _log.exception("%s showtime=%s", failure, showtime_id)
        return None
