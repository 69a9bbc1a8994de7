"""The wired master at work in this process, and waiting for what it does."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from shared.application.outbox.master import OutboxMaster
from shared.bootstrap.master import DecorateSink, open_master
from shared.settings import MasterSettings


@asynccontextmanager
async def running_master(
    settings: MasterSettings, *, budget_seconds: float = 60.0, decorate: DecorateSink | None = None
) -> AsyncGenerator[OutboxMaster]:
    """A master that runs until the context ends."""
    async with open_master(settings, decorate=decorate) as master:
        run = asyncio.create_task(master.run(budget_seconds=budget_seconds))
        try:
            yield master
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)


async def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for a condition that may look into a database, off the event loop."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.01)
