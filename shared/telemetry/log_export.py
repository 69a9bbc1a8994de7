"""Log records to the exporter, each with the trace in which it was written."""

import logging
import traceback

from opentelemetry._logs import Logger, LogRecord, SeverityNumber
from opentelemetry.context import get_current

from shared.telemetry.telemetry import Attributes

_EXPORTING = ("opentelemetry", "azure", "urllib3", "requests")
"""Loggers of what exports: a record of theirs that is exported would make the next one."""

_SEVERITIES = (
    (logging.CRITICAL, SeverityNumber.FATAL),
    (logging.ERROR, SeverityNumber.ERROR),
    (logging.WARNING, SeverityNumber.WARN),
    (logging.INFO, SeverityNumber.INFO),
)


class ExportedLogs(logging.Handler):
    """Hands records over. Of an exception it tells the type and the lines of code, not the text, which may be about people."""

    def __init__(self, logger: Logger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Hand over one record."""
        if record.name.partition(".")[0] in _EXPORTING:
            return
        try:
            self._logger.emit(_exported(record))
        except Exception:  # noqa: BLE001 as every handler: a record that can't be formatted stops nobody
            self.handleError(record)


def _exported(record: logging.LogRecord) -> LogRecord:
    nanoseconds = int(record.created * 1e9)
    return LogRecord(
        timestamp=nanoseconds,
        observed_timestamp=nanoseconds,
        context=get_current(),
        severity_text=record.levelname,
        severity_number=_severity(record.levelno),
        body=record.getMessage(),
        attributes={"cinema.logger": record.name, **_exception(record)},
    )


def _severity(level: int) -> SeverityNumber:
    return next((number for least, number in _SEVERITIES if level >= least), SeverityNumber.DEBUG)


def _exception(record: logging.LogRecord) -> Attributes:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    kind, _, where = record.exc_info
    return {
        "exception.type": kind.__qualname__,
        "exception.stacktrace": "".join(traceback.format_tb(where)),
    }
