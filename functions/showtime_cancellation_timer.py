"""The timer that cancels the reservations of cancelled showtimes. Several instances at once do no harm."""

import logging

import azure.functions as func

from shared.bootstrap.telemetry import timer_run
from shared.bootstrap.write_side import write_side

bp = func.Blueprint()

_log = logging.getLogger(__name__)


@bp.function_name("showtime_cancellation")
@bp.timer_trigger(arg_name="timer", schedule="%CANCELLATION_SCHEDULE%")
def showtime_cancellation(timer: func.TimerRequest) -> None:
    """Cancel what is still live of cancelled showtimes; what can't be done now is left to the next run."""
    del timer
    with timer_run("showtime_cancellation") as run:
        tally = write_side().clear_cancelled_showtimes()
        if tally.reservations or tally.cleared or tally.left:
            run.has_done_something()
            _log.info(
                "showtimes_cleared reservations=%d cleared=%d left=%d",
                tally.reservations, tally.cleared, tally.left,
            )  # fmt: skip
