"""`python -m infra.checks`: everything that can be checked without Azure and without a network.

What could not be run for want of a program is said, and makes `--complete` fail.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from infra.checks.policies import CHECKOV, ROOT, policy_problems

BICEP_CHECK = ROOT.parent / "shared" / "tools" / "bicep_check.py"
"""The resource schemas' checker, where it lies beside the repository. It is no part of it; a public workflow compiles instead."""

BIN = Path(sys.executable).parent


def main() -> int:
    """Run each check; 1 if one found something."""
    parser = argparse.ArgumentParser(prog="python -m infra.checks", description=__doc__)
    parser.add_argument(
        "--complete", action="store_true", help="fail where the policies could not be checked"
    )
    complete = parser.parse_args().complete
    problems = [*_resource_schemas(), *_commands()]
    if CHECKOV.exists():
        found = policy_problems()
        _say(f"policies: {'NOT WELL' if found else 'well'}")
        problems += found
    else:
        _say("policies: NOT RUN, since checkov is not there (make .venv-infra/.done installs 220 MB)")
        problems += ["policies were not checked"] if complete else []
    for problem in problems:
        _say(f"PROBLEM {problem}")
    return 1 if problems else 0


def _resource_schemas() -> list[str]:
    """Each resource against the schema of its type and version: no error, and no warning, such as of a type without one."""
    if not BICEP_CHECK.exists():
        _say(f"resource schemas: NOT RUN, since {BICEP_CHECK.name} is not beside the repository")
        return []
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "infra").rglob("*.bicep"))
    ended = _run(sys.executable, str(BICEP_CHECK), *files)
    _say(
        f"resource schemas: {ended.stdout.strip().splitlines()[-1] if ended.stdout.strip() else ended.stderr}"
    )
    findings = [line for line in ended.stdout.splitlines() if ": error:" in line or ": warning:" in line]
    return findings or ([f"bicep_check ended with {ended.returncode}"] if ended.returncode else [])


def _commands() -> list[str]:
    """Programs that end with 0 if all is well."""
    schemas = str(BIN / "check-jsonschema")
    commands = {
        "shell scripts": (str(BIN / "shellcheck"), *_tracked("*.sh")),
        "images": (str(BIN / "hadolint"), *_tracked("*Dockerfile")),
        "docker-compose.yml": (schemas, "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"),
        "workflows": (
            schemas,
            "--builtin-schema",
            "vendor.github-workflows",
            *_tracked(".github/workflows/*.yml"),
        ),
        "security of workflows": (str(BIN / "zizmor"), "--offline", "--quiet", ".github/workflows"),
    }
    problems: list[str] = []
    for name, command in commands.items():
        ended = _run(*command)
        _say(f"{name}: {'well' if ended.returncode == 0 else 'NOT WELL'}")
        if ended.returncode != 0:
            problems.append(f"{name}: {ended.stdout}{ended.stderr}")
    return problems


def _tracked(pattern: str) -> list[str]:
    """The files of the repository that a pattern names; there must be one."""
    found = _run("git", "ls-files", "--cached", "--others", "--exclude-standard", pattern).stdout.split()
    if not found:
        raise SystemExit(f"no file is named {pattern}: has it moved?")
    return found


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 # our own tools


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
