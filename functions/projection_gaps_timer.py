"""The timer that fills gaps in the views from EventLog. Several instances at once do no harm."""

import logging

import azure.functions as func

bp = func.Blueprint()

_log = logging.getLogger(__name__)


@bp.function_name("projection_gaps")
@bp.timer_trigger(arg_name="timer", schedule="%PROJECTION_GAPS_SCHEDULE%")
def projection_gaps(timer: func.TimerRequest) -> None:
    """Project what showtimes miss; what EventLog does not have yet, or the budget cuts off, is left to the next run."""
    from shared.bootstrap.projection_gaps import projection_gaps as fill_gaps  # noqa: PLC0415 # as for the projector

    del timer
    for generation, tally in fill_gaps()().items():
        if tally.has_seen_any:
            _log.warning(
                "projection_gaps generation=%d filled=%d waiting=%d showtimes=%d failed=%d oldest_seconds=%.1f finished=%s",
                generation, tally.filled, tally.waiting, tally.showtimes, tally.failed, tally.oldest_seconds,
                tally.is_finished,
            )  # fmt: skip
