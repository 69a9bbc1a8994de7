"""The beginning of telemetry in a process, if it is wanted."""

from typing import TYPE_CHECKING

from shared.telemetry.settings import TelemetrySettings, TelemetrySettingsError

if TYPE_CHECKING:
    from shared.telemetry.telemetry import Telemetry


def begin_telemetry(settings: TelemetrySettings, *, service: str) -> "Telemetry | None":
    """Telemetry that is exported from now on; None if it is off. `service` is its name unless the settings say another.

    Raises:
        TelemetrySettingsError: the exporter's packages are not installed, or it refuses what it is told.
    """
    if not settings.is_on:
        return None
    try:
        from shared.telemetry.providers import open_telemetry  # noqa: PLC0415 # nothing of it loads unless wanted

        return open_telemetry(settings, service=settings.otel_service_name or service)
    except ImportError as error:
        raise TelemetrySettingsError(
            f"TELEMETRY_EXPORTER: {settings.telemetry_exporter} needs the package of {error.name}, which is not installed"
        ) from error
