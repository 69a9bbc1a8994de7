"""Properties of the source that no linter rule says."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
PRODUCT = ("functions", "shared", "readsvc", "cli", "migrations")
LAZY = {"pyodbc", "matplotlib", "opentelemetry", "confluent_kafka"}
IMPORTED_LAZILY = {
    "cli/report_plots.py",
    "readsvc/telemetry.py",
    *(
        path.relative_to(ROOT).as_posix()
        for path in (
            *(ROOT / "shared/infrastructure/telemetry").glob("*.py"),
            *(ROOT / "shared/telemetry").glob("*.py"),
        )
        if path.stem not in {"__init__", "json_lines", "settings", "start", "traceparent"}
    ),
}
"""Modules that are themselves imported when they are needed: `test_a_table_needs_no_matplotlib` and
`tests/integration/telemetry/test_off.py` hold that."""

ENVIRONMENT_READERS = {"shared/settings.py", "readsvc/settings.py", "cli/settings_file.py"}


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "generated" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def imported_at_start(tree: ast.Module) -> set[str]:
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return imported(ast.Module(body=list(top), type_ignores=[]))


def test_the_domain_imports_the_standard_library_alone() -> None:
    foreign = {
        path: strangers
        for path, tree in modules("shared/domain")
        if (strangers := imported(tree) - set(sys.stdlib_module_names) - {"shared"})
    }
    assert foreign == {}


def test_drivers_that_may_be_missing_are_imported_lazily() -> None:
    eager = {
        path
        for path, tree in modules(*PRODUCT)
        if path not in IMPORTED_LAZILY and imported_at_start(tree) & LAZY
    }
    assert eager == set()


def test_only_settings_modules_read_the_environment() -> None:
    readers = {
        path
        for path, tree in modules(*PRODUCT)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= ENVIRONMENT_READERS


def test_modules_stay_small() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for folder in (*PRODUCT, "clients", "local")
        for path in (ROOT / folder).rglob("*.py")
        if "generated" not in path.parts
    }
    assert {path: lines for path, lines in lengths.items() if lines > 300} == {}


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "helpers", "common", "misc", "manager", "util"}
    found = {
        path
        for path, _ in modules(*PRODUCT, "clients", "local")
        if vague & set(Path(path).with_suffix("").parts)
    }
    assert found == set()
