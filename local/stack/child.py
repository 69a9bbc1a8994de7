"""A child process that can't outlive the launcher, and whose output is kept in a file."""

import asyncio
import ctypes
import os
import signal
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Self

from local.stack.part import Part, StackError

_PR_SET_PDEATHSIG = 1
_BYTECODE_IS_KEPT = {
    "PYTHONDONTWRITEBYTECODE": ""
}  # ten processes would compile the same modules at every start
_LIBC = ctypes.CDLL(None, use_errno=True)


def _die_with(launcher: int) -> None:
    """Runs in the child before exec: the kernel kills it when the launcher dies, however it dies (prctl(2))."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != launcher:
        os._exit(1)


class Child:
    """A running part."""

    def __init__(self, part: Part, *, process: asyncio.subprocess.Process, log: Path) -> None:
        self.part = part
        self.log = log
        self._process = process

    @classmethod
    async def spawn(cls, part: Part, *, log: Path) -> Self:
        """Start a part in a session of its own, so that Ctrl-C reaches the launcher alone.

        Raises:
            StackError: the program is missing.
        """
        launcher = os.getpid()
        with log.open("ab") as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    *part.command,
                    env={**os.environ, **_BYTECODE_IS_KEPT, **part.environment},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=asyncio.subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=lambda: _die_with(
                        launcher
                    ),  # the one place that can arm the parent-death signal
                )
            except OSError as error:
                raise StackError(
                    f"{part.name} can't be started: {part.command[0]}: {error.strerror}"
                ) from error
        return cls(part, process=process, log=log)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.returncode

    async def ended(self) -> int:
        """Wait for its end, and end what it had started itself: a worker without its host would keep its port."""
        code = await self._process.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return code

    async def stop(self, *, grace_seconds: float) -> None:
        """Ask it to stop, and kill it when the grace is over."""
        if self.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(grace_seconds):
                await self.ended()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self.ended()

    def last_words(self, *, lines: int = 12) -> str:
        """The end of its log, for people to read."""
        with self.log.open(errors="replace") as text:
            return "".join(f"    {line}" for line in deque(text, maxlen=lines))

    def end(self) -> str:
        """How it ended, in a few words."""
        code = self.returncode or 0
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"

    def obituary(self) -> str:
        """What is known of its end."""
        return f"{self.part.name} {self.end()}. The end of {self.log}:\n{self.last_words()}"
