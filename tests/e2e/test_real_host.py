"""`HOST=func make run`: what the Core Tools are started with, on programs that write it down and stand in for them.

The Core Tools themselves have not run here; docs/laptop-stack.md says so.
"""

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.stack.function_names import ALL_FUNCTIONS, HTTP_FUNCTIONS
from tests.e2e.box_office import BoxOffice
from tests.e2e.stack_process import ROOT, StackProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

FUNC = f"""#!{sys.executable}
import json, os, pathlib, sys
told = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}
pathlib.Path(os.environ["NOTES"], "func-" + sys.argv[-1]).write_text(json.dumps(told))
command = [sys.executable, "-m", "local.functions_host", *sys.argv[1:], "--state", os.environ["NOTES"]]
os.execv(sys.executable, command)
"""
AZURITE = f"""#!{sys.executable}
import json, os, pathlib, socket, sys
pathlib.Path(os.environ["NOTES"], "azurite").write_text(json.dumps({{"arguments": sys.argv[1:]}}))
port = int(sys.argv[sys.argv.index("--blobPort") + 1])
server = socket.create_server(("127.0.0.1", port))
while True:
    server.accept()[0].close()
"""
REFUSING = """#!/bin/sh
echo "Could not find a Python version" >&2
exit 1
"""


def program(folder: Path, *, name: str, source: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(source)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def noted(folder: Path, *, name: str) -> dict[str, Any]:
    return json.loads((folder / name).read_text())


def path_with(folder: Path) -> str:
    """A PATH with some programs, and the usual ones without the real Core Tools."""
    return f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"


def test_each_functions_process_is_started_by_func_in_the_apps_folder(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    program(programs, name="func", source=FUNC)
    program(programs, name="azurite", source=AZURITE)
    with StackProcess.start(
        state=tmp_path / "state", HOST="func", PATH=path_with(programs), NOTES=str(tmp_path)
    ) as stack:
        stack.wait_until_running()
        ports = stack.ports
        node = noted(tmp_path, name=f"func-{ports.node_1}")
        assert node["arguments"] == ["start", "--port", str(ports.node_1)]
        assert node["folder"] == str(ROOT)
        environment = node["environment"]
        disabled = {name for name in ALL_FUNCTIONS if f"AzureWebJobs.{name}.Disabled" in environment}
        assert disabled == set(ALL_FUNCTIONS) - set(HTTP_FUNCTIONS)
        assert environment["languageWorkers:python:defaultExecutablePath"] == sys.executable
        assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
        assert Path(environment["VIRTUAL_ENV"]) == Path(sys.executable).parent.parent
        blobs = f"BlobEndpoint=http://127.0.0.1:{ports.blobs}/devstoreaccount1;"
        assert blobs in environment["AzureWebJobsStorage"]
        azurite = noted(tmp_path, name="azurite")["arguments"]
        assert azurite[azurite.index("--tablePort") + 1] == str(ports.tables)
        assert Path(azurite[azurite.index("--location") + 1]).is_dir()
        for port in (ports.node_2, ports.timers, ports.projector):
            assert (tmp_path / f"func-{port}").exists()
        with httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client:
            BoxOffice(client).book_and_see()


def test_a_given_storage_account_is_used_and_azurite_is_not_needed(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    program(programs, name="func", source=FUNC)
    account = "UseDevelopmentStorage=true"
    with StackProcess.start(
        state=tmp_path / "state",
        HOST="func",
        PATH=path_with(programs),
        NOTES=str(tmp_path),
        AzureWebJobsStorage=account,
    ) as stack:
        stack.wait_until_running()
        node = noted(tmp_path, name=f"func-{stack.ports.node_1}")
        assert node["environment"]["AzureWebJobsStorage"] == account
        assert "azurite" not in stack.printed


def test_a_host_that_refuses_is_named_with_its_last_words(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    program(programs, name="func", source=REFUSING)
    program(programs, name="azurite", source=AZURITE)
    with StackProcess.start(
        state=tmp_path / "state", HOST="func", PATH=path_with(programs), NOTES=str(tmp_path)
    ) as stack:
        printed = stack.refusal()
    assert "exited with code 1" in printed
    assert "Could not find a Python version" in printed


@pytest.mark.parametrize(
    ("installed", "missing"),
    [((), "no `func` on PATH"), (("func",), "no `azurite` on PATH"), (("azurite",), "no `func` on PATH")],
)
def test_what_is_not_installed_is_named_with_the_way_to_get_it(
    tmp_path: Path, installed: tuple[str, ...], missing: str
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in installed:
        program(programs, name=name, source=REFUSING)
    with StackProcess.start(state=tmp_path / "state", HOST="func", PATH=path_with(programs)) as stack:
        printed = stack.refusal()
    assert missing in printed
    assert "npm install -g" in printed


def test_another_word_in_host_means_nothing(tmp_path: Path) -> None:
    with StackProcess.start(state=tmp_path, HOST="x86_64-conda-linux-gnu") as stack:
        stack.wait_until_running()
        assert "local.functions_host" in " ".join(stack.children().values())
