"""The stack's description of itself."""

import asyncio
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest

from local.stack.function_names import ALL_FUNCTIONS
from local.stack.parts import stack_parts
from local.stack.settings import Ports, StackSettings

pytestmark = pytest.mark.integration

ALWAYS = {"health", "livez"}
ROOT = Path(__file__).parents[3]
LIST_FUNCTIONS = (
    "import function_app; print(*(f.get_function_name() for f in function_app.app.get_functions()))"
)


def test_every_function_of_the_app_runs_in_exactly_one_kind_of_process() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", LIST_FUNCTIONS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    described = [*ALL_FUNCTIONS, *ALWAYS]
    assert sorted(listed.stdout.split()) == sorted(described)


def test_one_setting_moves_every_port(tmp_path: Path) -> None:
    settings = StackSettings(cinema_port_offset=1_000, cinema_state_dir=tmp_path)

    async def listeners() -> list[int]:
        async with httpx.AsyncClient() as client:
            parts = stack_parts(settings, client=client)
        return [part.listener.port for part in parts if part.listener is not None]

    of_azurite = {"blobs", "queues", "tables"}
    usual = [port for name, port in asdict(Ports()).items() if name not in of_azurite]
    assert sorted(asyncio.run(listeners())) == sorted(port + 1_000 for port in usual)


def test_two_stacks_side_by_side_keep_their_state_apart() -> None:
    first, second = StackSettings(cinema_port_offset=0), StackSettings(cinema_port_offset=1_000)
    assert first.state_directory != second.state_directory
