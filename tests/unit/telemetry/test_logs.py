"""Log records: as they are exported, and as lines of JSON."""

import contextlib
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.trace import SpanKind

from shared.telemetry.json_lines import JsonLines
from shared.telemetry.log_export import ExportedLogs
from tests.unit.telemetry.conftest import Kept, trace_of

pytestmark = pytest.mark.unit


class Exported:
    def __init__(self) -> None:
        self._exporter = InMemoryLogRecordExporter()
        self._provider = LoggerProvider(shutdown_on_exit=False)
        self._provider.add_log_record_processor(SimpleLogRecordProcessor(self._exporter))
        self.handler = ExportedLogs(self._provider.get_logger("t"))

    @property
    def records(self) -> list[ReadableLogRecord]:
        return list(self._exporter.get_finished_logs())


def fail(text: str) -> None:
    raise ValueError(text)


@pytest.fixture
def exported() -> Exported:
    return Exported()


@pytest.fixture
def logger(exported: Exported) -> Iterator[logging.Logger]:
    one = logging.Logger("cinema.test")  # noqa: LOG001 no other test shall hear of it
    one.addHandler(exported.handler)
    yield one
    one.removeHandler(exported.handler)


def test_a_record_has_the_trace_in_which_it_was_written(
    kept: Kept, exported: Exported, logger: logging.Logger
) -> None:
    with kept.telemetry.span("work", kind=SpanKind.INTERNAL):
        logger.warning("sink_slow sink=%s", "reporting")
    (record,) = (one.log_record for one in exported.records)
    assert record.trace_id == trace_of(kept.spans[0])
    assert (record.body, record.severity_text) == ("sink_slow sink=reporting", "WARNING")


def test_an_exception_is_told_by_its_type_and_lines_without_its_text(
    exported: Exported, logger: logging.Logger
) -> None:
    try:
        fail("Ms Miller, row 3".title())
    except ValueError:
        logger.exception("command_failed")
    (record,) = (one.log_record for one in exported.records)
    attributes = dict(record.attributes or {})
    assert attributes["exception.type"] == "ValueError"
    assert "test_logs.py" in str(attributes["exception.stacktrace"])
    assert "Row 3" not in str(attributes)


@pytest.mark.parametrize("name", ["opentelemetry.sdk", "urllib3.connectionpool", "azure.core"])
def test_records_of_what_exports_are_not_exported(exported: Exported, name: str) -> None:
    exported.handler.handle(logging.LogRecord(name, logging.ERROR, "", 1, "no answer", None, None))
    assert exported.records == []


def test_a_record_that_can_not_be_formatted_stops_nobody(
    exported: Exported, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger.warning("%d", "no number")
    assert exported.records == []


def line_of(formatter: JsonLines) -> dict[str, str]:
    told = None
    with contextlib.suppress(ValueError):
        try:
            fail("broken")
        finally:
            told = sys.exc_info()
    record = logging.LogRecord("readsvc", logging.ERROR, "", 1, "query\nfailed %s", ("ü",), told)
    text = formatter.format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_is_an_object_with_its_trace(kept: Kept) -> None:
    with kept.telemetry.span("work", kind=SpanKind.INTERNAL):
        line = line_of(JsonLines(identify=kept.telemetry.identity))
    assert line["trace_id"] == f"{trace_of(kept.spans[0]):032x}"
    assert (line["level"], line["message"]) == ("ERROR", "query\nfailed ü")
    assert line["exception"].endswith("ValueError: broken")


def test_a_line_outside_a_trace_names_none(kept: Kept) -> None:
    assert "trace_id" not in line_of(JsonLines())
    assert "trace_id" not in line_of(JsonLines(identify=kept.telemetry.identity))
