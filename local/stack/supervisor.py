"""Starts the parts side by side, waits for health and not for time, restarts what dies, stops everything."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, Self

from local.stack.child import Child
from local.stack.part import Part, StackError, side_by_side
from local.stack.probes import refuse_taken_port

_PROBE_EVERY_SECONDS, _LONGEST_PAUSE_SECONDS = 0.03, 0.3
_PAUSE_PER_PROBE = 5
"""How much longer than a probe took is waited before the next: answers cost the time in which the parts start."""
_STOP_SECONDS = 3.0
_RESTART_AFTER_SECONDS = 0.5
_RESTARTS_ALLOWED = 5
_RESTART_WINDOW_SECONDS = 60.0


class Watcher(Protocol):
    """Who is told what happens to the parts."""

    def ready(self, part: Part, *, seconds: float) -> None:
        """A part is ready, or done, that many seconds after the start of the stack."""
        ...

    def died(self, child: Child, *, reason: str) -> None:
        """A part is about to be restarted, for a reason such as "was killed by SIGKILL"."""
        ...

    def restarted(self, child: Child, *, seconds: float) -> None:
        """A part is ready again, that many seconds after its death."""
        ...


class Supervisor:
    """Owns the processes of one stack. Use it as an async context manager: leaving it stops them all."""

    def __init__(self, *, logs: Path, watcher: Watcher) -> None:
        self._logs = logs
        self._watcher = watcher
        self._children: dict[str, Child] = {}
        self._ready: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._started = time.monotonic()

    async def __aenter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(
            *(child.stop(grace_seconds=_STOP_SECONDS) for child in reversed(self._children.values()))
        )

    def pid_of(self, name: str) -> int:
        """The process id of a part's present process."""
        return self._children[name].pid

    async def start(self, parts: Iterable[Part]) -> None:
        """Start the parts, each as soon as those it comes after are ready, and wait until all are.

        Raises:
            StackError: a port is taken, a program is missing, or a part died or did not get ready.
        """
        wanted = list(parts)
        for part in wanted:
            if part.listener is not None:
                refuse_taken_port(part.listener, part=part.name)
        async with side_by_side() as group:
            for part in wanted:
                group.create_task(self._start_in_turn(part))

    async def until_ready(self, names: Iterable[str]) -> None:
        """Wait until these parts have got ready for the first time. Who waits before `start` waits for that too."""
        for name in names:
            await self._ready[name].wait()

    async def _start_in_turn(self, part: Part) -> None:
        await self.until_ready(part.after)
        await self._start(part)
        self._watcher.ready(part, seconds=time.monotonic() - self._started)
        self._ready[part.name].set()

    async def _start(self, part: Part) -> None:
        child = await self._spawn(part)
        try:
            async with asyncio.timeout(part.start_seconds):
                await self._until_ready(child)
        except TimeoutError as error:
            raise StackError(
                f"{part.name} {_late(part)}. The end of {child.log}:\n{child.last_words()}"
            ) from error

    async def _spawn(self, part: Part) -> Child:
        child = await Child.spawn(part, log=self._logs / f"{part.name.replace(' ', '-')}.log")
        self._children[part.name] = child
        return child

    @staticmethod
    async def _until_ready(child: Child) -> None:
        probe = child.part.ready
        if probe is None:
            if await child.ended() != 0:
                raise StackError(child.obituary())
            return
        while True:
            asked = time.monotonic()
            if await probe():
                return
            if child.returncode is not None:
                raise StackError(child.obituary())
            pause = _PAUSE_PER_PROBE * (time.monotonic() - asked)
            await asyncio.sleep(min(max(_PROBE_EVERY_SECONDS, pause), _LONGEST_PAUSE_SECONDS))

    async def watch(self) -> None:
        """Restart what dies, for ever.

        Raises:
            StackError: a part dies again and again.
        """
        servers = [child for child in self._children.values() if child.part.ready is not None]
        async with side_by_side() as group:
            for child in servers:
                group.create_task(self._keep_alive(child))

    async def _keep_alive(self, child: Child) -> None:
        deaths: deque[float] = deque(maxlen=_RESTARTS_ALLOWED)
        reason = await _death(child)
        while True:
            died = time.monotonic()
            if len(deaths) == _RESTARTS_ALLOWED and died - deaths[0] < _RESTART_WINDOW_SECONDS:
                raise StackError(f"{child.part.name} keeps dying. {child.obituary()}")
            deaths.append(died)
            self._watcher.died(child, reason=reason)
            await asyncio.sleep(_RESTART_AFTER_SECONDS)
            child = await self._spawn(child.part)  # the same part, its next process
            if failure := await self._failure_to_get_ready(child):
                reason = failure
                continue
            self._watcher.restarted(child, seconds=time.monotonic() - died)
            reason = await _death(child)

    async def _failure_to_get_ready(self, child: Child) -> str:
        """Why a restarted part has to be restarted again; nothing if it is ready."""
        try:
            async with asyncio.timeout(child.part.start_seconds):
                await self._until_ready(child)
        except TimeoutError:
            await child.stop(grace_seconds=_STOP_SECONDS)
            return _late(child.part)
        except StackError:
            return await _death(child)
        return ""


async def _death(child: Child) -> str:
    """Wait for it, and say how it came."""
    await child.ended()
    return child.end()


def _late(part: Part) -> str:
    return f"was not ready after {part.start_seconds:.0f} s"
