"""A virtual environment of its own for a test, with the versions that this project has locked."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from readsvc.protos.generate import ROOT

_UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class CleanVenv:
    """Nothing is in it but what is installed."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "CleanVenv":
        _run(sys.executable, "-m", "venv", "--without-pip", folder)
        return cls(folder)

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def install(self, package: Path) -> None:
        """A package and what it asks for, in the versions of the development lock."""
        pins = re.findall(r"^\S+==\S+", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
        constraints = self.folder / "constraints.txt"
        constraints.write_text("\n".join(pins))
        _run(_UV, "pip", "install", "-q", "--python", self.python, "-c", constraints, package)

    def installed(self) -> set[str]:
        """The names of the installed packages."""
        listed = _run(_UV, "pip", "freeze", "--python", self.python)
        return {line.partition("==")[0].partition(" @ ")[0] for line in listed.splitlines()}


def wheel(project: Path, *, into: Path) -> Path:
    """The wheel of a project; it is built with this environment's tools."""
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", into, project)
    [built] = into.glob("*.whl")
    return built


def _run(*words: object) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(
        [str(word) for word in words],
        env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
