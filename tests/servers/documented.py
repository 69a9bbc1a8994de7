"""The examples of docs/clients.md as they stand there, made to talk to the servers of a test."""

import os
import re
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from readsvc.protos.generate import ROOT

_PAGE = ROOT / "docs" / "clients.md"


def examples(heading: str) -> list[str]:
    """The indented blocks below a heading of the page, each of which is for a shell."""
    [_, rest] = _PAGE.read_text().split(f"\n## {heading}\n")
    section = rest.partition("\n## ")[0]
    blocks = re.findall(r"(?:^ {4}.*\n?)+", section, re.MULTILINE)
    return [re.sub(r"^ {4}", "", block, flags=re.MULTILINE).strip() for block in blocks]


def run(
    example: str, *, ports: Mapping[int, int], variables: Mapping[str, object], path: Path | None = None
) -> str:
    """What an example prints, with this test's ports for the documented ones; it must not fail."""
    ended = subprocess.run(
        _shell(example, ports=ports), cwd=ROOT, env=_environment(variables, path=path),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, f"{example}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


@contextmanager
def running(
    example: str, *, ports: Mapping[int, int], variables: Mapping[str, object], path: Path | None = None
) -> Generator[subprocess.Popen[str]]:
    """An example that goes on until it is interrupted."""
    command = _shell(f"exec {example}", ports=ports)
    process = subprocess.Popen(
        command, cwd=ROOT, env=_environment(variables, path=path), stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _shell(example: str, *, ports: Mapping[int, int]) -> list[str]:
    for documented, port in ports.items():
        example = example.replace(f"localhost:{documented}", f"127.0.0.1:{port}")
    return ["/bin/sh", "-e", "-u", "-c", example]


def _environment(variables: Mapping[str, object], *, path: Path | None) -> dict[str, str]:
    found = os.environ | {name: str(value) for name, value in variables.items()}
    return found | ({"PATH": f"{path}:{os.environ['PATH']}"} if path else {})
