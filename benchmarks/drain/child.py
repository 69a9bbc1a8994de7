"""A measured process: it says when it is ready, begins when it is told, and is observed from outside meanwhile."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import cpu_seconds, resident_mb
from tests.servers.process import module

ROOT = Path(__file__).parents[2]
_READY, _DONE = "ready\n", "done\n"


class Child:
    """A process of a module of this benchmark."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self) -> None:
        """Let it begin."""
        self._write("\n")

    def wait_until_done(self) -> None:
        self._expect(_DONE)

    def wait_until_ready(self) -> None:
        self._expect(_READY)

    def check_alive(self) -> None:
        assert self._process.poll() is None, f"{self._process.args} ended with {self._process.returncode}"

    @property
    def cpu_seconds(self) -> float:
        """What it has used up to now, in all its threads."""
        return cpu_seconds(self._process.pid)

    @property
    def resident_mb(self) -> float:
        """The memory that it has now."""
        return resident_mb(self._process.pid)

    def _write(self, text: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def _expect(self, word: str) -> None:
        assert self._process.stdout
        said = self._process.stdout.readline()
        assert said == word, f"{self._process.args} said {said!r}"


@contextmanager
def running(name: str, *, settings: Mapping[str, str]) -> Generator[Child]:
    """A child that is ready to begin; it is killed at the end of the context, which nothing may depend on."""
    process = subprocess.Popen(
        module(name),
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        child = Child(process)
        child.wait_until_ready()
        yield child
    finally:
        process.kill()
        process.wait()


def wait_for_start() -> None:
    """In the child: say that all is prepared, and wait for the parent's word."""
    print(_READY, end="", flush=True)
    sys.stdin.readline()


def say_done() -> None:
    """In the child: there is nothing left to do."""
    print(_DONE, end="", flush=True)
    sys.stdin.readline()
