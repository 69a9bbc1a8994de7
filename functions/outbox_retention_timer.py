"""The timer that forgets what every sink has had for long. Several instances at once do no harm."""

import logging

import azure.functions as func

from shared.bootstrap.outbox_retention import outbox_retention as forget_delivered_messages

bp = func.Blueprint()

_log = logging.getLogger(__name__)


@bp.function_name("outbox_retention")
@bp.timer_trigger(arg_name="timer", schedule="%RETENTION_SCHEDULE%")
def outbox_retention(timer: func.TimerRequest) -> None:
    """Forget delivered messages that are older than the retention; what the budget cuts off is left to the next run."""
    del timer
    tally = forget_delivered_messages()()
    if tally.forgotten or tally.kept:
        _log.info(
            "outbox_messages_forgotten forgotten=%d kept=%d finished=%s",
            tally.forgotten, tally.kept, tally.is_finished,
        )  # fmt: skip
