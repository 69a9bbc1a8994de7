"""An outbox master, wired over its store for any sinks: it knows none by name."""

import os
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from uuid import uuid4

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.master import OutboxMaster, SinkPlan
from shared.application.outbox.polling_pace import PollingPace
from shared.application.outbox.sink_drain import DrainLimits
from shared.bootstrap.master_resources import kept_engine, kept_threads
from shared.infrastructure.sql.outbox_store import SqlOutboxStore
from shared.settings import OutboxSettings

_SINK_THREADS = 2
"""For a sink's share of the outbox: one waits for the database while the other computes. More cost each other the interpreter's lock."""


@asynccontextmanager
async def open_outbox_master(
    settings: OutboxSettings, *, sinks: Mapping[str, SinkPlan]
) -> AsyncGenerator[OutboxMaster]:
    """A master with its connections to the outbox, which are closed at the end. The sinks are the caller's to close."""
    async with AsyncExitStack() as stack:
        write = kept_engine(
            stack,
            settings.write_database_url,
            settings=settings,
            pool_size=len(sinks) * _SINK_THREADS + 1,
        )
        random = Random()  # noqa: S311 it spreads load, it guards nothing
        yield OutboxMaster(
            store=SqlOutboxStore(write, lease_seconds=settings.lease_seconds, backoff=Backoff(random=random)),
            sinks=sinks,
            threads=kept_threads(stack, "outbox", settings=settings, count=1),
            sink_threads={
                name: kept_threads(stack, f"outbox-{name}", settings=settings, count=_SINK_THREADS)
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
