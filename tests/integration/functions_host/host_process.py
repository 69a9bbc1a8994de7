"""A host with an app that the test writes."""

import json
import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port, module, wait_until_listening

HEADER = """
import asyncio, pathlib, time, typing
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
here = pathlib.Path(__file__).parent
"""


@dataclass(frozen=True, slots=True)
class RunningHost:
    """A host that listens."""

    root: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return (self.root / "output.log").read_text()

    def written(self, name: str) -> list[str]:
        """The lines that functions have written to a file."""
        file = self.root / name
        return file.read_text().splitlines() if file.exists() else []


def write_app(
    root: Path,
    source: str,
    *,
    host: Mapping[str, object] | None = None,
    settings: Mapping[str, str] | None = None,
    local: Mapping[str, object] | None = None,
) -> Path:
    """Write function_app.py, host.json and local.settings.json, of which `local` is the section Host."""
    (root / "function_app.py").write_text(HEADER + source)
    (root / "host.json").write_text(json.dumps({"version": "2.0", **(host or {})}))
    (root / "local.settings.json").write_text(
        json.dumps({"Values": dict(settings or {}), "Host": dict(local or {})})
    )
    return root


@contextmanager
def running_host(
    root: Path, *arguments: str, port: int | None = None, environment: Mapping[str, str] | None = None
) -> Generator[RunningHost]:
    """The host of an app; asked to stop at the end of the context. With a `port` it has that from its settings."""
    chosen = port or free_port()
    told = () if port else ("--port", chosen)
    places = ("--script-root", root, "--state", root / "state")
    command = module("local.functions_host", "start", *told, *places, *arguments)
    variables = {**os.environ, **(environment or {})}
    with (root / "output.log").open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=variables)
    try:
        wait_until_listening(chosen, process=process)
        yield RunningHost(root, chosen, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def refused(root: Path, *arguments: str) -> str:
    """What a host says that does not start."""
    command = module(
        "local.functions_host", "start", "--port", free_port(), "--script-root", root, *arguments
    )
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stderr
