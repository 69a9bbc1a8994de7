"""Durations as host.json and retry policies write them."""

import re

_INTERVAL = re.compile(r"^(\d+):(\d{2}):(\d{2})$")


def seconds_of(interval: str) -> float:
    """The seconds of an HH:MM:SS.

    Raises:
        ValueError: it is none.
    """
    parsed = _INTERVAL.match(interval)
    if parsed is None:
        raise ValueError(f"{interval!r} is not HH:MM:SS")
    hours, minutes, seconds = map(int, parsed.groups())
    return float(hours * 3600 + minutes * 60 + seconds)
