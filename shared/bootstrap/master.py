"""The outbox master, wired: its store, its three sinks, and the connections that it keeps from run to run.

A fourth sink is a class that delivers, a route in `shared.application.outbox.routing`, and a line in `_sinks`.
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from uuid import uuid4

from sqlalchemy import Engine

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.master import OutboxMaster, SinkPlan
from shared.application.outbox.polling_pace import PollingPace
from shared.application.outbox.ports import Sink
from shared.application.outbox.routing import REPORTING, ROUTES
from shared.application.outbox.sink_drain import DrainLimits, DrainTally
from shared.bootstrap.hubs import hub_sinks
from shared.bootstrap.telemetry import observe_outbox, observe_sinks
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.outbox_store import SqlOutboxStore
from shared.infrastructure.sql.reporting_sink import SqlReportingSink
from shared.settings import MasterSettings, load

_SENDS_PER_LEASE = 3.2
"""A send ends below a third of the lease, so that one may hang and what came before it still be acknowledged."""

_SINK_THREADS = 2
"""For a sink's share of the outbox: one waits for the database while the other computes. More cost each other the interpreter's lock."""

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
        write = _engine(
            stack, settings.write_database_url, settings=settings, pool_size=len(ROUTES) * _SINK_THREADS + 1
        )
        sinks = _sinks(stack, settings)
        random = Random()  # noqa: S311 it spreads load, it guards nothing
        yield OutboxMaster(
            store=SqlOutboxStore(write, lease_seconds=settings.lease_seconds, backoff=Backoff(random=random)),
            sinks=_decorated(sinks, decorate) if decorate else sinks,
            threads=_threads(stack, "outbox", settings=settings, count=1),
            sink_threads={
                name: _threads(stack, f"outbox-{name}", settings=settings, count=_SINK_THREADS)
                for name in sinks
            },
            owner=f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid4().hex[:12]}",
            limits=DrainLimits(
                workers=settings.master_workers_per_sink,
                batch_size=settings.master_batch_size,
                lease_seconds=settings.lease_seconds,
            ),
            pace=PollingPace(
                shortest_seconds=settings.master_poll_min_seconds,
                longest_seconds=settings.master_poll_max_seconds,
            ),
            random=random,
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
        _engine(
            stack,
            settings.reporting_database_url,
            settings=settings,
            pool_size=_REPORTING_THREADS,
        ),
        threads=_threads(stack, REPORTING, settings=settings, count=_REPORTING_THREADS),
        write_seconds=settings.lease_seconds / _SENDS_PER_LEASE,
    )
    send_seconds = settings.lease_seconds / _SENDS_PER_LEASE
    return {REPORTING: SinkPlan(sink=reporting), **hub_sinks(stack, settings, send_seconds=send_seconds)}


def _decorated(sinks: Mapping[str, SinkPlan], decorate: DecorateSink) -> dict[str, SinkPlan]:
    return {
        name: SinkPlan(sink=decorate(name, plan.sink), partitions=plan.partitions)
        for name, plan in sinks.items()
    }


def _threads(stack: AsyncExitStack, name: str, *, settings: MasterSettings, count: int) -> DatabaseThreads:
    """What has not answered within a lease is of no use any more."""
    executor = stack.enter_context(ThreadPoolExecutor(max_workers=count, thread_name_prefix=name))
    return DatabaseThreads(executor, answer_seconds=settings.lease_seconds)


def _engine(stack: AsyncExitStack, url: str, *, settings: MasterSettings, pool_size: int) -> Engine:
    engine = create_database_engine(
        url,
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=pool_size,
        recycle_seconds=settings.sql_recycle_seconds,
    )
    stack.callback(engine.dispose)
    return engine
