"""What the Dockerfile copies is enough, and its requirements are all that it imports."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readsvc.protos.generate import ROOT

pytestmark = pytest.mark.integration

DOCKERFILE = (ROOT / "readsvc" / "Dockerfile").read_text()
MODULES = ("readsvc.__main__", "readsvc.probe")
IMPORTED = """
import importlib, sys
there_already = set(sys.modules)  # by .pth files of this environment
for name in sys.argv[1:]: importlib.import_module(name)
print(*{name.partition(".")[0] for name in set(sys.modules) - there_already})
"""


def copied(app: Path) -> None:
    """Do what the COPY and rm instructions do."""
    for source, target in re.findall(r"^COPY (shared\S*|readsvc) /app/(\S+)$", DOCKERFILE, re.MULTILINE):
        destination = app / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, destination, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, destination)
    for removed in re.findall(r"/app/readsvc/\S+", DOCKERFILE[DOCKERFILE.index("rm -r") :]):
        path = app / removed.removeprefix("/app/")
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_it_starts_from_what_is_copied_and_imports_no_write_side(tmp_path: Path) -> None:
    copied(tmp_path)
    found = subprocess.run(
        [sys.executable, "-c", IMPORTED, *MODULES],
        cwd=tmp_path, env={}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    packages = set(found.stdout.split())
    assert {"readsvc", "shared", "grpc", "pymongo", "redis"} <= packages
    assert not packages & {"sqlalchemy", "azure", "tenacity", "functions", "local"}


def test_every_requirement_is_pinned_with_hashes() -> None:
    pins = re.findall(r"^(\S+==\S+).*\\$", (ROOT / "readsvc/requirements.txt").read_text(), re.MULTILINE)
    assert len(pins) > 10
    assert "--require-hashes" in DOCKERFILE
