"""Which settings which functions need, looked at when the app is loaded and not at the first call.

An app needs those of the functions that it runs: a function that app settings switch off needs none.
"""

from pydantic_settings import BaseSettings

from shared.settings import (
    MasterSettings,
    OperationsSettings,
    PipelineSettings,
    ProjectionGapSettings,
    ProjectorSettings,
    RetentionSettings,
    SettingsError,
    TraceSettings,
    TriggerSettings,
    WriteSideSettings,
    is_switched_off,
    load,
    problems_with,
)

NEEDS_NONE = frozenset({
    "livez", "openapi_json", "event_schema", "booking_page", "operations_page", "docs_page", "asset",
})  # fmt: skip


def needs() -> dict[type[BaseSettings], tuple[str, ...]]:
    """Every function that needs settings, under their class.

    Raises:
        SettingsError: MASTER_COUNT is refused.
    """
    masters = range(1, load(TriggerSettings).master_count + 1)
    return {
        WriteSideSettings: (
            "register_movie", "register_auditorium",
            "create_showtime", "reschedule_showtime", "cancel_showtime", "showtime_cancellation",
            "reserve_seats", "confirm_reservation", "cancel_reservation", "reservation_expiry",
            "idempotency_cleanup", "health",
        ),
        OperationsSettings: ("outbox_status", "dead_letters", "redrive_dead_letter", "discard_dead_letter"),
        TraceSettings: ("trace_reservation",),
        PipelineSettings: ("pipeline_status",),
        MasterSettings: tuple(f"outbox_master_{number}" for number in masters),
        RetentionSettings: ("outbox_retention",),
        ProjectorSettings: ("projector",),
        ProjectionGapSettings: ("projection_gaps",),
    }  # fmt: skip


def refuse_unfit_settings() -> None:
    """Load the settings of every function that is not switched off.

    Raises:
        SettingsError: some are missing or refused; the message names each variable, and who needs it.
    """
    found: dict[str, list[str]] = {}
    for settings, functions in needs().items():
        running = [name for name in functions if not is_switched_off(name)]
        for problem in problems_with(settings) if running else ():
            found.setdefault(problem, []).extend(running)
    if found:
        raise SettingsError(
            "\n".join(f"{problem} (for {', '.join(names)})" for problem, names in found.items())
        )
