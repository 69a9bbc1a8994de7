"""Where telemetry is off, no process needs OpenTelemetry. (The end-to-end tests run a whole stack without it.)

redis-py imports a part of it where it finds it, so that it does not do to look whether it is imported.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.functions_app import ENOUGH_SETTINGS
from tests.servers.blocked_imports import TELEMETRY, without

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
WHAT_PROCESSES_IMPORT = """
import function_app, readsvc.__main__, migrations.__main__, cli.__main__
import shared.bootstrap.projector, shared.bootstrap.projection_gaps
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], **ENOUGH_SETTINGS, **environment}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_no_process_needs_it(tmp_path: Path) -> None:
    found = run("-c", WHAT_PROCESSES_IMPORT, PYTHONPATH=without(*TELEMETRY, folder=tmp_path))
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("exporter", ["console", "otlp", "azure-monitor"])
def test_an_exporter_whose_package_is_missing_is_named_at_the_start(tmp_path: Path, exporter: str) -> None:
    refused = run(
        "-m",
        "readsvc",
        PYTHONPATH=without(*TELEMETRY, folder=tmp_path),
        TELEMETRY_EXPORTER=exporter,
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1",
        APPLICATIONINSIGHTS_CONNECTION_STRING="InstrumentationKey=0",
    )
    assert refused.returncode == 1
    assert f"readsvc can't start: TELEMETRY_EXPORTER: {exporter} needs" in refused.stderr


@pytest.mark.parametrize(
    "command",
    [("-m", "readsvc"), ("-m", "local.functions_host", "start", "--port", "1")],
    ids=["read service", "functions"],
)
def test_a_contradiction_keeps_a_process_from_starting(command: tuple[str, ...]) -> None:
    refused = run(*command, TELEMETRY_EXPORTER="otlp")
    assert refused.returncode == 1
    assert "OTEL_EXPORTER_OTLP_ENDPOINT: Field required" in refused.stderr.splitlines()[-1]
