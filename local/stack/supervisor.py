"""Starts the parts side by side, waits for health and not for time, restarts what dies, stops everything."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, Self

from local.stack.child import Child
from local.stack.part import Part, StackError, side_by_side
from local.stack.probes import refuse_taken_port

_PROBE_EVERY_SECONDS = 0.03
_START_SECONDS = 60.0
_STOP_SECONDS = 3.0
_RESTART_AFTER_SECONDS = 0.5
_RESTARTS_ALLOWED = 5
_RESTART_WINDOW_SECONDS = 60.0


class Watcher(Protocol):
    """Who is told what happens to the parts."""

    def ready(self, part: Part, *, seconds: float) -> None:
        """A part is ready, or done, that many seconds after the start of the stack."""
        ...

    def died(self, child: Child) -> None:
        """A part died after it had been ready, and is about to be restarted."""
        ...

    def restarted(self, child: Child) -> None:
        """A part that had died is ready again."""
        ...


class Supervisor:
    """Owns the processes of one stack. Use it as an async context manager: leaving it stops them all."""

    def __init__(self, *, logs: Path, watcher: Watcher) -> None:
        self._logs = logs
        self._watcher = watcher
        self._children: dict[str, Child] = {}
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
        ready = {part.name: asyncio.Event() for part in wanted}
        async with side_by_side() as group:
            for part in wanted:
                group.create_task(self._start_in_turn(part, ready=ready))

    async def _start_in_turn(self, part: Part, *, ready: dict[str, asyncio.Event]) -> None:
        for name in part.after:
            await ready[name].wait()
        await self._start(part)
        self._watcher.ready(part, seconds=time.monotonic() - self._started)
        ready[part.name].set()

    async def _start(self, part: Part) -> Child:
        log = self._logs / f"{part.name.replace(' ', '-')}.log"
        child = await Child.spawn(part, log=log)
        self._children[part.name] = child
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._until_ready(child)
        except TimeoutError as error:
            raise StackError(
                f"{part.name} was not ready after {_START_SECONDS:.0f} s. The end of {log}:\n{child.last_words()}"
            ) from error
        return child

    @staticmethod
    async def _until_ready(child: Child) -> None:
        probe = child.part.ready
        if probe is None:
            if await child.ended() != 0:
                raise StackError(child.obituary())
            return
        while not await probe():
            if child.returncode is not None:
                raise StackError(child.obituary())
            await asyncio.sleep(_PROBE_EVERY_SECONDS)

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
        while True:
            await child.ended()
            now = time.monotonic()
            if len(deaths) == _RESTARTS_ALLOWED and now - deaths[0] < _RESTART_WINDOW_SECONDS:
                raise StackError(f"{child.part.name} keeps dying. {child.obituary()}")
            deaths.append(now)
            self._watcher.died(child)
            await asyncio.sleep(_RESTART_AFTER_SECONDS)
            child = await self._start(child.part)  # the same part, its next process
            self._watcher.restarted(child)
