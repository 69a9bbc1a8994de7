"""Run a command again when it failed for a reason that passes."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from shared.application.command_context import CommandContext
from shared.application.command_ledger import as_answered
from shared.application.errors import RerunCommandError, UnavailableError
from shared.application.outcome import Outcome
from shared.application.unit_of_work import BeginUnitOfWork, UnitOfWork

FIRST_WAIT_SECONDS = 0.01
LONGEST_WAIT_SECONDS = 0.5

Answer = TypeVar("Answer")
State = TypeVar("State")

_log = logging.getLogger(__name__)


class CommandRunner:
    """Gives each attempt of a command a unit of work of its own.

    The waits between attempts grow and have full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS
    Architecture Blog, 2015), so that clashing commands do not clash again in step.
    """

    def __init__(
        self,
        begin: BeginUnitOfWork,
        *,
        attempts: int,
        patience_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Set the limits.

        Args:
            begin: opens a unit of work.
            attempts: how often a command may be tried.
            patience_seconds: no new attempt begins later than this after the first.
            sleep: waits between attempts.
        """
        self._begin = begin
        self._attempts = attempts
        self._patience_seconds = patience_seconds
        self._sleep = sleep

    def answer(
        self, context: CommandContext, *, state: type[State], work: Callable[[UnitOfWork], Outcome[State]]
    ) -> Outcome[State]:
        """Answer what the command was answered before, or else what the work answers.

        A rerun finds there what an earlier attempt has committed, though nobody could tell whether it had.

        Raises:
            CommandInFlightError, KeyReusedError: see `CommandLedger.recall`.
            UnavailableError, CinemaError: as `run`.
        """

        def recall_or_work(unit: UnitOfWork) -> Outcome[State]:
            known = unit.ledger.recall()
            return work(unit) if known is None else as_answered(known, state=state)

        return self.run(context, work=recall_or_work)

    def run(self, context: CommandContext, *, work: Callable[[UnitOfWork], Answer]) -> Answer:
        """Answer what the work answers.

        Raises:
            UnavailableError: every attempt failed for a reason that should have passed.
            CinemaError: the work refused the command.
        """
        reruns = Retrying(
            retry=retry_if_exception_type(RerunCommandError),
            stop=stop_after_attempt(self._attempts) | stop_after_delay(self._patience_seconds),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            sleep=self._sleep,
            before_sleep=_log_rerun,
            reraise=True,
        )
        try:
            return reruns(self._attempt, context, work)
        except RerunCommandError as error:
            _log.warning("command_given_up attempts=%s cause=%s", reruns.statistics["attempt_number"], error)
            raise UnavailableError from error

    def _attempt(self, context: CommandContext, work: Callable[[UnitOfWork], Answer]) -> Answer:
        with self._begin(context) as unit:
            return work(unit)


def _log_rerun(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    _log.info("command_rerun attempt=%s cause=%s", state.attempt_number, failure)
