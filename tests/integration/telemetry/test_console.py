"""The exporter to the console: a line of JSON for each thing told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

TELLING = """
import logging
from opentelemetry.trace import SpanKind
from shared.telemetry.settings import load_telemetry_settings
from shared.telemetry.start import begin_telemetry
telemetry = begin_telemetry(load_telemetry_settings(), service="teller")
with telemetry.span("work", kind=SpanKind.INTERNAL):
    logging.getLogger("teller").warning("half_done")
telemetry.meter.create_counter("told").add(1)
telemetry.close()
"""


def lines(**environment: str) -> list[dict[str, object]]:
    """What a process tells on standard error that does these things and ends, but for `logging`'s own line of last resort."""
    told = subprocess.run(
        [sys.executable, "-c", TELLING],
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"], "TELEMETRY_EXPORTER": "console", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in told.stderr.splitlines() if line != "half_done"]


def test_a_span_a_record_and_a_measure_are_a_line_each() -> None:
    span, record, measures = lines()
    assert span["name"] == "work"
    assert record["body"] == "half_done"
    assert "resource_metrics" in measures


def test_records_are_not_told_where_logs_are_left_out() -> None:
    told = lines(TELEMETRY_LOGS="false")
    assert len(told) == 2
    assert not any("body" in line for line in told)
