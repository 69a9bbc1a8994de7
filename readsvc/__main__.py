"""Run the read service: `python -m readsvc`."""

import asyncio
import logging
import sys

from readsvc.server import PortTakenError, serve
from readsvc.settings import ReadServiceSettings, SettingsError, load


def main() -> int:
    """Serve until told to stop; 1 if that is not possible, with the reason on standard error."""
    try:
        settings = load(ReadServiceSettings)
        _log_lines(settings.log_level)
        asyncio.run(serve(settings))
    except (SettingsError, PortTakenError) as error:
        sys.stderr.write(f"readsvc can't start: {error}\n")
        return 1
    return 0


def _log_lines(level: str) -> None:
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    for library in ("pymongo", "redis", "grpc"):
        logging.getLogger(library).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
