"""The timer that lets the seats of ended holds go. Several instances at once do no harm."""

import logging

import azure.functions as func

from shared.bootstrap.telemetry import timer_run
from shared.bootstrap.write_side import write_side

bp = func.Blueprint()

_log = logging.getLogger(__name__)


@bp.function_name("reservation_expiry")
@bp.timer_trigger(arg_name="timer", schedule="%EXPIRY_SCHEDULE%")
def reservation_expiry(timer: func.TimerRequest) -> None:
    """Cancel the reservations whose hold has ended; what can't be done now is left to the next run."""
    del timer
    with timer_run("reservation_expiry") as run:
        tally = write_side().expire_holds()
        if tally.expired or tally.left:
            run.has_done_something()
            _log.info("holds_expired expired=%d left=%d", tally.expired, tally.left)
