"""The import contracts hold, and each of them catches a planted violation."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
PACKAGES = ("functions", "shared", "readsvc", "cli", "local", "migrations")

VIOLATIONS = {
    "layers": ("shared/application/planted.py", "import shared.infrastructure.sql"),
    "layers of undeclared packages": ("shared/utils/__init__.py", ""),
    "settings": ("shared/infrastructure/sql/planted.py", "import shared.settings"),
    "domain": ("shared/domain/planted.py", "import pydantic"),
    "application": ("shared/application/planted.py", "import redis"),
    "outbox": ("shared/application/outbox/backoff.py", "import shared.contracts.events"),
    "adapters": ("shared/infrastructure/mongo/planted.py", "import shared.infrastructure.cache"),
    "functions": ("functions/planted.py", "import sqlalchemy"),
    "command line": ("cli/planted.py", "import shared.infrastructure.sql"),
    "cqrs": ("readsvc/planted.py", "import shared.domain"),
    "telemetry": ("shared/telemetry/planted.py", "import shared.contracts"),
    "telemetry in use cases": ("shared/application/planted.py", "import opentelemetry"),
    "product": ("shared/bootstrap/planted.py", "import local"),
}

NAMES = {
    "layers": "Each layer of shared/",
    "layers of undeclared packages": "Each layer of shared/",
    "settings": "Only bootstrap",
    "domain": "The domain imports no library",
    "application": "Use cases talk to ports",
    "outbox": "The outbox and its master know nothing",
    "adapters": "No adapter knows another",
    "functions": "Functions and the command line translate",
    "command line": "Functions and the command line translate",
    "cqrs": "The read service can't reach",
    "telemetry": "What every process tells by is a leaf",
    "telemetry in use cases": "Use cases talk to ports",
    "product": "The product does not know",
}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    wide = {**os.environ, "COLUMNS": "300"}  # so that no line of the report is wrapped
    return subprocess.run(
        [program, "--no-cache"], cwd=tree, env=wide, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_every_contract_holds(tree: Path) -> None:
    result = lint(tree)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", result.stdout)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(tree: Path, contract: str) -> None:
    path, source = VIOLATIONS[contract]
    planted = tree / path
    planted.parent.mkdir(exist_ok=True)
    before = planted.read_text() if planted.exists() else None
    planted.write_text(f"{before or ''}{source}\n")
    try:
        result = lint(tree)
    finally:
        planted.unlink() if before is None else planted.write_text(before)
        if planted.name == "__init__.py":
            shutil.rmtree(planted.parent)
    assert result.returncode == 1
    broken = [line for line in result.stdout.splitlines() if " BROKEN" in line]
    assert any(line.startswith(NAMES[contract]) for line in broken), result.stdout
