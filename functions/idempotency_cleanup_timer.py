"""The timer that drops old idempotency keys with their answers."""

import logging

import azure.functions as func

from shared.bootstrap.write_side import write_side

bp = func.Blueprint()

_log = logging.getLogger(__name__)


@bp.function_name("idempotency_cleanup")
@bp.timer_trigger(arg_name="timer", schedule="%IDEMPOTENCY_CLEANUP_SCHEDULE%")
def idempotency_cleanup(timer: func.TimerRequest) -> None:
    """Drop what is older than the retention setting says."""
    del timer
    dropped = write_side().forget_answers()
    if dropped:
        _log.info("answers_forgotten count=%d", dropped)
