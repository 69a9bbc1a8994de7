"""The read service's own log lines, for programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.process import free_port

pytestmark = pytest.mark.integration


def test_with_log_format_json_each_line_is_an_object() -> None:
    settings = {
        "LOG_FORMAT": "json",
        "MONGO_URL": "mongodb://127.0.0.1:1",
        "REDIS_URL": "redis://127.0.0.1:1",
        "GRPC_HOST": "127.0.0.1",
        "GRPC_PORT": str(free_port()),
        "MONGO_TIMEOUT_SECONDS": "0.2",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "readsvc"],
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"], **settings},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        lines = [json.loads(process.stderr.readline())]
        while not lines[-1]["message"].startswith("read_service_started"):
            lines.append(json.loads(process.stderr.readline()))
        process.terminate()
    assert {"time", "level", "logger", "message"} <= lines[-1].keys()
