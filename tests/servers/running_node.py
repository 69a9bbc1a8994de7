"""A node with a database of its own."""

import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.stack.function_names import PROJECTOR_FUNCTIONS, TIMER_FUNCTIONS
from tests.servers.process import free_port, module, wait_until_listening
from tests.servers.write_database import WriteDatabase

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class RunningNode:
    """A node that answers, and what it has written."""

    client: httpx.Client
    database: WriteDatabase


@contextmanager
def running_node(folder: Path, environment: Mapping[str, str] | None = None) -> Generator[RunningNode]:
    """A functions host with the HTTP functions alone, in an environment."""
    database = WriteDatabase(f"sqlite:///{folder / 'cinema.db'}")
    elsewhere = {f"AzureWebJobs.{name}.Disabled": "true" for name in TIMER_FUNCTIONS + PROJECTOR_FUNCTIONS}
    port = free_port()
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(
            module("local.functions_host", "start", "--port", port, "--state", folder / "state"),
            env={**os.environ, **elsewhere, "WRITE_DATABASE_URL": database.url, **(environment or {})},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_listening(port, process=process)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            yield RunningNode(client, database)
    finally:
        process.terminate()
        process.wait(timeout=30)
        database.close()
