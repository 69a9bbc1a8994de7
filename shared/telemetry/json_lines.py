"""Log lines for programs: a JSON object each."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime


def no_trace() -> Mapping[str, str]:
    """What a process without telemetry knows of traces."""
    return {}


class JsonLines(logging.Formatter):
    """`identify` says which trace and span a line belongs to: `trace_id` and `span_id`, in hexadecimal digits, or nothing."""

    def __init__(self, *, identify: Callable[[], Mapping[str, str]] = no_trace) -> None:
        super().__init__()
        self._identify = identify

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **self._identify(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
