"""The smoke test of a deployment, tried on this stack."""

import os
import subprocess
import sys

import pytest

from infra.envoy.render import FOLDER
from tests.e2e.stack_process import StackProcess

pytestmark = pytest.mark.e2e


def test_the_smoke_test_passes_on_a_cinema_and_again(stack: StackProcess) -> None:
    for _ in range(2):
        tried = smoke({"GATEWAY_URL": stack.url, "SMOKE_OPERATIONS_CLOSED": "false"})
        assert tried.returncode == 0, tried.stderr
        assert tried.stdout.endswith("smoke: done\n")


def test_without_a_gateway_it_says_which_variable_is_missing() -> None:
    tried = smoke({})
    assert tried.returncode == 1
    assert tried.stderr.startswith("smoke: GATEWAY_URL: Field required")


def smoke(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the hook as azd does, by its script."""
    root = FOLDER.parents[1]
    environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, **variables}
    command = [str(root / "infra" / "hooks" / "run.sh"), "smoke"]
    return subprocess.run(
        command, env=environment, cwd=root, capture_output=True, text=True, check=False, timeout=100
    )
