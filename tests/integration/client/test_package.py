"""The package as somebody installs it: built, in an environment of its own, against a running read service."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from readsvc.protos.generate import ROOT
from tests.builders.view_documents import a_showtime
from tests.servers.clean_venv import CleanVenv, wheel
from tests.servers.read_service import ReadService, Views

pytestmark = pytest.mark.integration

PROJECT = ROOT / "clients" / "python"
GENERATED = PROJECT / "src/cinema_client/generated/cinema/read/v1"
ASK = """
import asyncio, json, sys
from cinema_client import CinemaClient

async def main(target, showtime_id):
    async with CinemaClient(target) as cinema:
        showtime = await cinema.showtime(showtime_id, min_sequence=3)
    print(json.dumps([showtime.movie.title, showtime.free_seats]))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, of a copy: the build leaves folders behind."""
    folder = tmp_path_factory.mktemp("client")
    project = shutil.copytree(PROJECT, folder / "project", ignore=shutil.ignore_patterns("__pycache__"))
    return wheel(project, into=folder / "wheels")


def test_the_wheel_has_the_types_and_nothing_but_the_package(built: Path) -> None:
    files = {name for name in ZipFile(built).namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in files} == {"cinema_client"}
    assert "cinema_client/py.typed" in files
    assert "cinema_client/generated/cinema/read/v1/cinema_query_pb2.pyi" in files


def test_its_requirements_are_not_older_than_what_its_code_was_generated_with() -> None:
    """The generated code refuses to be imported with less."""
    required: list[str] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    messages, stub = (GENERATED / f"cinema_query_{part}.py" for part in ("pb2", "pb2_grpc"))
    protobuf = re.findall(r"^    (\d+),$", messages.read_text(), re.MULTILINE)
    [grpc] = re.findall(r"GRPC_GENERATED_VERSION = '(.*)'", stub.read_text())
    assert f"protobuf>={'.'.join(protobuf)},<{int(protobuf[0]) + 1}" in required
    assert f"grpcio>={grpc},<2" in required


@pytest.mark.full
def test_it_answers_from_an_environment_of_its_own(
    built: Path, tmp_path: Path, service: ReadService, views: Views
) -> None:
    showtime = a_showtime(sequence=3)
    views.project(showtime)
    venv = CleanVenv.make(tmp_path / "venv")
    venv.install(built)
    asked = subprocess.run(
        [venv.python, "-c", ASK, f"127.0.0.1:{service.port}", showtime.id],
        cwd=tmp_path, env={}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == ["Inception", 5]
    assert venv.installed() == {
        "cinema-client", "googleapis-common-protos", "grpcio", "protobuf", "typing-extensions",
    }  # fmt: skip
