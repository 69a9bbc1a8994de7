"""Run the read service: `python -m readsvc`."""

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from readsvc.server import PortTakenError, serve
from readsvc.settings import ReadServiceSettings, SettingsError, load
from shared.telemetry.json_lines import JsonLines, no_trace
from shared.telemetry.settings import TelemetrySettingsError, load_telemetry_settings
from shared.telemetry.start import begin_telemetry

if TYPE_CHECKING:
    from shared.telemetry.telemetry import Telemetry

SERVICE = "cinema-read-service"


def main() -> int:
    """Serve until told to stop; 1 if that is not possible, with the reason on standard error."""
    telemetry = None
    try:
        settings = load(ReadServiceSettings)
        telemetry = begin_telemetry(load_telemetry_settings(), service=SERVICE)
        _log_lines(settings, telemetry=telemetry)
        asyncio.run(serve(settings, telemetry=telemetry))
    except (SettingsError, TelemetrySettingsError, PortTakenError) as error:
        sys.stderr.write(f"readsvc can't start: {error}\n")
        return 1
    finally:
        if telemetry is not None:
            telemetry.close()
    return 0


def _log_lines(settings: ReadServiceSettings, *, telemetry: "Telemetry | None") -> None:
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        JsonLines(identify=telemetry.identity if telemetry else no_trace)
        if settings.log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    root = logging.getLogger()
    root.addHandler(lines)
    root.setLevel(settings.log_level)
    for library in ("pymongo", "redis", "grpc"):
        logging.getLogger(library).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
