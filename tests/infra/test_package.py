"""What azd packs for the Functions apps."""

import fnmatch
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.bicep import INFRA
from tests.infra.deployment import environment_of_all, functions
from tests.servers.functions_package import ignored_names

pytestmark = pytest.mark.architecture

ROOT = INFRA.parent
LISTING = """
import sys
package, repository = sys.argv[1:]
sys.path.insert(0, package)
import function_app
files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
strangers = [file for file in files if file.startswith(repository) and "/.venv/" not in file]
assert not strangers, strangers
print(*(function.get_function_name() for function in function_app.app.get_functions()))
"""


def packed() -> list[str]:
    """The files that .funcignore leaves, of those that git has. Its patterns name files and folders anywhere."""
    patterns = ignored_names()
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return [
        file
        for file in listed
        if not any(fnmatch.fnmatch(part, pattern) for part in Path(file).parts for pattern in patterns)
    ]


def test_the_package_has_every_function_and_needs_nothing_that_is_left_out(tmp_path: Path) -> None:
    for file in packed():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    # This repository is installed in the environment that runs the test, and must not fill the gaps.
    found = subprocess.run(
        [sys.executable, "-P", "-c", LISTING, str(tmp_path), f"{ROOT}/"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"], **environment_of_all()}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert set(found.stdout.split()) == set(functions())


def test_no_settings_no_tests_and_no_tools_are_packed() -> None:
    tops = {Path(file).parts[0] for file in packed()}
    assert tops == {
        "LICENSE",
        "function_app.py",
        "functions",
        "host.json",
        "requirements.in",
        "requirements.txt",
    } | {
        "shared",
        "web",
    }
