"""FerretDB, an independent server of the MongoDB protocol, over SQLite: for the tests of the `full` tier.

Go builds it once from the module that `ferretdb_program/go.mod` pins, to `.local/`: about a minute on two cores the first
time, packages and all. Where there is no Go, or no module proxy to reach, the tests are skipped and say so.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zlib import crc32

import pytest

from tests.servers.process import free_port, running

BUILD_SECONDS = 480
"""The longest that a build may take, and so what a test that may be the first to want one must be given."""

_SOURCE = Path(__file__).parent / "ferretdb_program"
_PINNED = b"".join((_SOURCE / name).read_bytes() for name in ("go.mod", "main.go"))
_FOLDER = Path(__file__).parents[2] / ".local" / f"ferretdb-{crc32(_PINNED):08x}"


def command(*, port: int, data: Path) -> tuple[str, ...]:
    """How FerretDB is started on a port of this machine, over a folder that need not exist yet."""
    data.mkdir(parents=True, exist_ok=True)
    return (str(_program()), f"127.0.0.1:{port}", str(data))


@contextmanager
def ferretdb(data: Path) -> Generator[str]:
    """The URL of a running server."""
    port = free_port()
    with running(*command(port=port, data=data), port=port):
        yield f"mongodb://127.0.0.1:{port}"


def _program() -> Path:
    built = _built()
    if isinstance(built, str):
        pytest.skip(f"MONGO_TEST_URL names no server, and FerretDB can't be had: {built}")
    return built


@cache
def _built() -> Path | str:
    """The program, or why there is none; asked once, since a build that fails takes its time."""
    go = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin")
    if go is None:
        return "there is no Go here"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two test processes, the second finds what the first has built
        program = _FOLDER / "ferretdb"
        return program if program.exists() else _build(go, program)


def _build(go: str, program: Path) -> Path | str:
    unfinished = program.with_suffix(".unfinished")
    build = [
        go,
        "build",
        "-mod=readonly",
        "-buildvcs=false",
        "-tags=ferretdb_no_postgresql",
        "-o",
        unfinished,
    ]
    try:
        subprocess.run(build, cwd=_SOURCE, check=True, capture_output=True, text=True, timeout=BUILD_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        return f"Go did not build it: {str(error.stderr)[-200:].strip()!r}"
    return unfinished.replace(program)
