"""What the Dockerfile copies is enough and not too much, and what it starts from is pinned."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from readsvc.protos.generate import ROOT
from tests.servers.blocked_imports import TELEMETRY, without
from tests.servers.container_image import build, instructions

pytestmark = pytest.mark.integration

DOCKERFILE = ROOT / "readsvc" / "Dockerfile"
MODULES = ("readsvc.__main__", "readsvc.probe")
MODULES_THAT_TELL = ("readsvc.telemetry", "shared.telemetry.providers", "shared.telemetry.azure_monitor")
"""Imported where telemetry is on, the last one for Azure Monitor alone."""

IMPORTED = """
import importlib, sys
there_already = set(sys.modules)  # by .pth files of this environment
for name in sys.argv[1:]: importlib.import_module(name)
print(*set(sys.modules) - there_already)
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the image that has the service, with what was copied and nothing that was run."""
    image = build(DOCKERFILE, context=ROOT, folder=tmp_path_factory.mktemp("image"), run=False)
    return image.inside(image.workdir)


def imported(app: Path, *modules: str, **environment: str) -> set[str]:
    """The modules that some modules import."""
    command = [sys.executable, "-B", "-c", IMPORTED, *modules]
    found = subprocess.run(
        command, cwd=app, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert found.returncode == 0, found.stderr
    return set(found.stdout.split())


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def test_it_starts_from_what_is_copied_and_imports_no_write_side(app: Path, tmp_path: Path) -> None:
    blocked = without(*TELEMETRY, folder=tmp_path)
    packages = {name.partition(".")[0] for name in imported(app, *MODULES, PYTHONPATH=blocked)}
    assert {"readsvc", "shared", "grpc", "pymongo", "redis"} <= packages
    assert not packages & {
        "sqlalchemy", "azure", "tenacity", "opentelemetry", "functions", "local", "tests",
    }  # fmt: skip


def test_it_tells_with_what_is_copied_of_which_nothing_is_superfluous(app: Path) -> None:
    wanted = imported(app, *MODULES, *MODULES_THAT_TELL)
    packages = {name.partition(".")[0] for name in wanted}
    assert {"readsvc", "shared", "opentelemetry"} <= packages
    assert not packages & {"sqlalchemy", "tenacity", "functions", "local", "tests"}
    copied = {path.relative_to(app) for path in app.rglob("*") if path.is_file()}
    assert {path.suffix for path in copied} == {".py"}
    assert {module_name(path) for path in copied} - wanted == set()


@pytest.mark.parametrize("requirements", ["requirements.txt", "requirements-azure-monitor.txt"])
def test_every_requirement_is_pinned_with_hashes(requirements: str) -> None:
    pins = re.findall(r"^(\S+==\S+).*\\$", (ROOT / "readsvc" / requirements).read_text(), re.MULTILINE)
    assert len(pins) > 10
    [install] = [step.text for step in instructions(DOCKERFILE.read_text()) if " install " in step.text]
    assert {"--require-hashes", "--no-deps"} <= set(install.split())


def test_both_stages_start_from_one_image_that_is_pinned_by_its_digest() -> None:
    bases = {
        step.text.partition(" AS ")[0] for step in instructions(DOCKERFILE.read_text()) if step.name == "FROM"
    }
    [base] = bases
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert re.fullmatch(rf"python:{version}\.\d+-slim-bookworm@sha256:[0-9a-f]{{64}}", base)


def test_azure_monitor_is_installed_only_where_the_build_asks_for_it(tmp_path: Path) -> None:
    def installed(name: str, **arguments: str) -> str:
        folder = tmp_path / name
        build(DOCKERFILE, context=ROOT, folder=folder, run=False, build_arguments=arguments)
        return (folder / "build" / "build" / "requirements.txt").read_text()

    package = "azure-monitor-opentelemetry-exporter=="
    assert package not in installed("ordinary")
    assert package in installed("asked", REQUIREMENTS="requirements-azure-monitor.txt")


def hadolint(dockerfile: Path) -> tuple[int, str]:
    command = [Path(sys.executable).with_name("hadolint"), "--config", ROOT / ".hadolint.yaml", dockerfile]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stdout


def test_the_linter_of_dockerfiles_finds_nothing_here_and_looks(tmp_path: Path) -> None:
    assert hadolint(DOCKERFILE) == (0, "")
    careless = tmp_path / "Dockerfile"
    careless.write_text(
        DOCKERFILE.read_text().replace("WORKDIR /app", "RUN cd /app").replace("@sha256:", "#")
    )
    code, said = hadolint(careless)
    assert code == 1
    assert "DL3003" in said
