"""What a master keeps while it is open: engines and threads, which a stack closes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

from sqlalchemy import Engine

from shared.application.outbox.database_threads import DatabaseThreads
from shared.infrastructure.sql.engine import create_database_engine
from shared.settings import OutboxSettings


def kept_threads(
    stack: AsyncExitStack, name: str, *, settings: OutboxSettings, count: int
) -> DatabaseThreads:
    """Threads of one party. What has not answered within a lease is of no use any more."""
    executor = stack.enter_context(ThreadPoolExecutor(max_workers=count, thread_name_prefix=name))
    return DatabaseThreads(executor, answer_seconds=settings.lease_seconds)


def kept_engine(stack: AsyncExitStack, url: str, *, settings: OutboxSettings, pool_size: int) -> Engine:
    """An engine, which connects when it is needed."""
    engine = create_database_engine(
        url,
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=pool_size,
        recycle_seconds=settings.sql_recycle_seconds,
    )
    stack.callback(engine.dispose)
    return engine
