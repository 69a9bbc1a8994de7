"""A whole stack, started as people start it, on ports and state of its own."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from local.stack.settings import Ports

ROOT = Path(__file__).parents[2]
RUNNING = "Running."


_OFFSETS = range(1_000, 15_000, 137)


def free_offset() -> int:
    """An offset at which every port of the stack is free. Processes that ask at the same time get different ones."""
    own = os.getpid() % len(_OFFSETS)
    for offset in (*_OFFSETS[own:], *_OFFSETS[:own]):
        if all(_is_free(port) for port in asdict(Ports.moved_by(offset)).values()):
            return offset
    raise AssertionError("no offset with free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass
class StackProcess:
    """A running launcher. Use it as a context manager: leaving it presses Ctrl-C."""

    state: Path
    offset: int
    launcher: subprocess.Popen[str]
    printed: str = ""

    @classmethod
    def start(cls, *, state: Path, offset: int | None = None, **environment: str) -> Self:
        """Start a stack; it is not yet ready."""
        chosen = free_offset() if offset is None else offset
        launcher = subprocess.Popen(
            [sys.executable, "-m", "local.stack"],
            cwd=ROOT,
            env={
                **os.environ,
                "CINEMA_PORT_OFFSET": str(chosen),
                "CINEMA_STATE_DIR": str(state),
                "PYTHONUNBUFFERED": "1",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return cls(state=state, offset=chosen, launcher=launcher)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ports(self) -> Ports:
        return Ports.moved_by(self.offset)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.gateway}"

    def wait_for_output(self, text: str, *, times: int = 1, seconds: float = 90.0) -> str:
        """Everything printed until a text has come so many times."""
        assert self.launcher.stdout is not None
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.launcher.stdout, selectors.EVENT_READ)
            while self.printed.count(text) < times:
                assert time.monotonic() < deadline, f"no {text!r} in:\n{self.printed}"
                if selector.select(timeout=1.0):
                    chunk = os.read(self.launcher.stdout.fileno(), 65_536).decode(errors="replace")
                    assert chunk, f"the launcher ended without {text!r}:\n{self.printed}"
                    self.printed += chunk
        return self.printed

    def wait_until_running(self) -> Self:
        self.wait_for_output(RUNNING)
        return self

    def refusal(self) -> str:
        """What is printed by a launcher that ends by itself, as it must here, with exit code 1."""
        rest, _ = self.launcher.communicate(timeout=60)
        self.printed += rest
        assert self.launcher.returncode == 1, self.printed
        return self.printed

    def children(self) -> dict[int, str]:
        """The launcher's child processes: pid → command line."""
        task = Path(f"/proc/{self.launcher.pid}/task/{self.launcher.pid}/children")
        pids = [int(pid) for pid in task.read_text().split()]
        return {pid: command for pid in pids if (command := _command_line(pid))}

    def pid_listening(self, port: int) -> int:
        """The pid of the child whose command line names a port."""
        return self.pid_of(f"{port} ")

    def pid_of(self, text: str) -> int:
        """The pid of the child whose command line has a text; colons count as spaces."""
        found = [pid for pid, command in self.children().items() if text in command.replace(":", " ")]
        assert len(found) == 1, self.children()
        return found[0]

    def stop(self, *, signum: signal.Signals = signal.SIGINT, seconds: float = 20.0) -> int:
        """Stop it as Ctrl-C would, and answer its exit code."""
        if self.launcher.poll() is None:
            self.launcher.send_signal(signum)
        try:
            rest, _ = self.launcher.communicate(timeout=seconds)
            self.printed += rest
        except subprocess.TimeoutExpired:
            self.launcher.kill()
            self.launcher.communicate()
            raise
        return self.launcher.returncode


def _command_line(pid: int) -> str:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def is_alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
