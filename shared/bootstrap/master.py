"""The cinema's outbox master, wired: its three sinks, and the connections that it keeps from run to run.

A fourth sink is a class that delivers, a route in `shared.application.outbox.routing`, and a line in `_sinks`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from shared.application.outbox.master import OutboxMaster, SinkPlan
from shared.application.outbox.ports import Sink
from shared.application.outbox.routing import REPORTING
from shared.application.outbox.sink_drain import DrainTally
from shared.bootstrap.hubs import hub_sinks
from shared.bootstrap.master_resources import kept_engine, kept_threads
from shared.bootstrap.outbox_master import open_outbox_master
from shared.bootstrap.telemetry import observe_outbox, observe_sinks
from shared.infrastructure.sql.reporting_sink import SqlReportingSink
from shared.settings import MasterSettings, load

_REPORTING_THREADS = 2
"""One computes while the other waits for the database."""

DecorateSink = Callable[[str, Sink], Sink]
"""Puts something around a sink, given its name."""


@asynccontextmanager
async def open_master(
    settings: MasterSettings, *, decorate: DecorateSink | None = None
) -> AsyncGenerator[OutboxMaster]:
    """A master with its connections, which are closed at the end. A test may put something around the sinks.

    Raises:
        SettingsError: there is no address for the hubs.
    """
    async with AsyncExitStack() as stack:
        sinks = _sinks(stack, settings)
        yield await stack.enter_async_context(
            open_outbox_master(settings, sinks=_decorated(sinks, decorate) if decorate else sinks)
        )


class KeptMaster:
    """The master of one timer function: opened by its first run, and kept for the next ones."""

    def __init__(self) -> None:
        self._connections = AsyncExitStack()
        self._master: OutboxMaster | None = None

    def sinks_reachable(self) -> Mapping[str, bool]:
        """See `OutboxMaster.sinks_reachable`; nothing in a process that has not run this master."""
        return self._master.sinks_reachable() if self._master else {}

    async def run(self) -> Mapping[str, DrainTally]:
        """Run for the budget that the settings name. A run that fails, or is cut off, closes all connections.

        Raises:
            SettingsError: a variable is missing or refused.
            OutboxError, ExceptionGroup: see `OutboxMaster.run`.
        """
        settings = load(MasterSettings)
        try:
            if self._master is None:
                observe_outbox()
                master = open_master(settings, decorate=observe_sinks(settings))
                self._master = await self._connections.enter_async_context(master)
            return await self._master.run(budget_seconds=settings.master_budget_seconds)
        except (Exception, asyncio.CancelledError):
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close all connections; another run opens them anew."""
        self._master = None
        await self._connections.aclose()


def _sinks(stack: AsyncExitStack, settings: MasterSettings) -> dict[str, SinkPlan]:
    reporting = SqlReportingSink(
        kept_engine(stack, settings.reporting_database_url, settings=settings, pool_size=_REPORTING_THREADS),
        threads=kept_threads(stack, REPORTING, settings=settings, count=_REPORTING_THREADS),
        write_seconds=settings.send_seconds,
    )
    return {REPORTING: SinkPlan(sink=reporting), **hub_sinks(stack, settings)}


def _decorated(sinks: Mapping[str, SinkPlan], decorate: DecorateSink) -> dict[str, SinkPlan]:
    return {
        name: SinkPlan(sink=decorate(name, plan.sink), partitions=plan.partitions)
        for name, plan in sinks.items()
    }
