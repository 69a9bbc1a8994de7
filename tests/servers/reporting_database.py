"""A reporting database that is filled through its sink, as the outbox master fills it."""

import asyncio
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, delete

from migrations.upgrade import upgrade_branch
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.ports import Batch
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_queries import SqlReports
from shared.infrastructure.sql.reporting_sink import SqlReportingSink
from shared.infrastructure.sql.reporting_tables import event_log, reservation_facts, showtime_facts
from tests.builders import outbox_messages


def committed(new: Iterable[NewMessage]) -> list[OutboxMessage]:
    """Messages as the store would read them: each stream's are numbered in the order of their commits."""
    sequences: dict[str, Iterator[int]] = {}
    return [
        outbox_messages.as_read(
            message, id=number, lane=0, sequence=next(sequences.setdefault(message.stream_id, count(1)))
        )
        for number, message in enumerate(new, 1)
    ]


class ReportingDatabase:
    """The database, its sink, and the reports that are read from it."""

    def __init__(self, engine: Engine, *, executor: ThreadPoolExecutor) -> None:
        self._engine = engine
        self._sink = SqlReportingSink(
            engine, threads=DatabaseThreads(executor, answer_seconds=15.0), write_seconds=1.0
        )

    @property
    def url(self) -> str:
        return self._engine.url.render_as_string(hide_password=False)

    def empty(self) -> None:
        with self._engine.begin() as connection:
            for table in (event_log, reservation_facts, showtime_facts):
                connection.execute(delete(table))

    def deliver(self, *batches: Sequence[OutboxMessage]) -> None:
        asyncio.run(self._deliver(batches))

    async def _deliver(self, batches: Sequence[Sequence[OutboxMessage]]) -> None:
        for messages in batches:
            deadline = LeaseDeadline.starting_now(lease_seconds=60.0)
            delivery = await self._sink.deliver(Batch(lane=0, messages=messages), deadline=deadline)
            assert delivery.failure is None

    def reports(self, zone: ZoneInfo) -> SqlReports:
        return SqlReports(self._engine, zone=zone)


@contextmanager
def reporting_database(url: str) -> Generator[ReportingDatabase]:
    """A migrated database at a URL."""
    upgrade_branch("reporting", url=url)
    engine = create_database_engine(url, lock_wait_seconds=5.0, pool_size=2)
    with ThreadPoolExecutor(1) as executor:
        yield ReportingDatabase(engine, executor=executor)
    engine.dispose()
