"""The files of the editor and of the development container: every name in them is one that exists."""

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from local.stack.function_names import ALL_FUNCTIONS
from local.stack.settings import Ports

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


def read(name: str) -> dict[str, Any]:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture
def launches() -> list[dict[str, Any]]:
    return read(".vscode/launch.json")["configurations"]


def test_every_launched_module_exists_and_every_task_that_comes_before(
    launches: list[dict[str, Any]],
) -> None:
    modules = [launch["module"] for launch in launches if "module" in launch]
    assert "local.stack" in modules
    assert all(find_spec(f"{module}.__main__") for module in modules)
    tasks = {task["label"] for task in read(".vscode/tasks.json")["tasks"]}
    assert {launch["preLaunchTask"] for launch in launches if "preLaunchTask" in launch} <= tasks


def test_what_is_debugged_beside_a_running_stack_disturbs_none_of_its_ports(
    launches: list[dict[str, Any]],
) -> None:
    taken = set(map(str, asdict(Ports()).values()))
    node = next(launch for launch in launches if launch.get("module") == "local.functions_host")
    arguments: list[str] = node["args"]
    assert arguments[arguments.index("--port") + 1] not in taken
    functions = arguments[arguments.index("--functions") + 1 :]
    assert set(functions) <= {*ALL_FUNCTIONS, "health", "livez"}
    service = next(launch for launch in launches if launch.get("module") == "readsvc")
    assert service["env"]["GRPC_PORT"] not in taken
    assert service["env"]["MONGO_URL"].endswith(f":{Ports().mongo}")
    assert service["env"]["REDIS_URL"].endswith(f":{Ports().redis}/0")


def test_the_make_targets_that_tasks_and_the_container_call_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    commands = [task["command"] for task in read(".vscode/tasks.json")["tasks"] if task["type"] == "shell"]
    commands.append(read(".devcontainer/devcontainer.json")["postCreateCommand"])
    for command in commands:
        target = command.removeprefix("make ")
        assert f"\n{target}: " in makefile, command


def test_the_container_forwards_ports_of_the_stack_and_brings_what_the_editor_recommends() -> None:
    container = read(".devcontainer/devcontainer.json")
    ports = set(asdict(Ports()).values())
    assert Ports().gateway == container["forwardPorts"][0]
    assert set(container["forwardPorts"]) <= ports
    assert set(map(int, container["portsAttributes"])) == set(container["forwardPorts"])
    recommended = read(".vscode/extensions.json")["recommendations"]
    assert container["customizations"]["vscode"]["extensions"] == recommended
    assert "python:1-3.11" in container["image"]


def test_the_editor_tests_folders_that_exist_with_the_projects_environment() -> None:
    settings = read(".vscode/settings.json")
    folders = [argument for argument in settings["python.testing.pytestArgs"] if "/" in argument]
    assert folders
    assert all((ROOT / folder).is_dir() for folder in folders)
    assert settings["python.defaultInterpreterPath"].endswith("/.venv/bin/python")
    assert (settings["azureFunctions.projectLanguageModel"], settings["azureFunctions.projectRuntime"]) == (
        2,
        "~4",
    )
