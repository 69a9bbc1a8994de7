"""Which functions of the app each kind of process runs. `health` and `livez` run in all."""

HTTP_FUNCTIONS = (
    "asset",
    "booking_page",
    "cancel_reservation",
    "cancel_showtime",
    "confirm_reservation",
    "create_showtime",
    "dead_letters",
    "discard_dead_letter",
    "docs_page",
    "event_schema",
    "openapi_json",
    "operations_page",
    "outbox_status",
    "pipeline_status",
    "redrive_dead_letter",
    "register_auditorium",
    "register_movie",
    "reschedule_showtime",
    "reserve_seats",
    "trace_reservation",
)
TIMER_FUNCTIONS = (
    "idempotency_cleanup",
    "outbox_master_1",
    "outbox_retention",
    "projection_gaps",
    "reservation_expiry",
    "showtime_cancellation",
)
PROJECTOR_FUNCTIONS = ("projector",)

ALL_FUNCTIONS = HTTP_FUNCTIONS + TIMER_FUNCTIONS + PROJECTOR_FUNCTIONS

SERVICES: dict[tuple[str, ...], str] = {
    HTTP_FUNCTIONS: "cinema-commands",
    TIMER_FUNCTIONS: "cinema-timers",
    PROJECTOR_FUNCTIONS: "cinema-projector",
}
"""What each process of the functions is called in its telemetry; nodes share a name, since they are one service."""
