"""A server process of the embedded stack, on a port of its own, ended with its context."""

import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

_START_SECONDS = 20.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


def wait_until_listening(port: int, *, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process accepts connections on a port."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, f"{process.args} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{process.args} does not listen on {port}"
            time.sleep(0.02)
        else:
            return


@contextmanager
def running(*command: str, port: int) -> Generator[subprocess.Popen[bytes]]:
    """A process that listens on a port; ended, and waited for, at the end of the context."""
    process = subprocess.Popen(command)
    try:
        wait_until_listening(port, process=process)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=10)


def module(name: str, *arguments: object) -> tuple[str, ...]:
    """The command line of a Python module."""
    return (sys.executable, "-m", name, *map(str, arguments))
