"""Plans that were made while the outbox was empty do not outlive that: a sink that is down fills it in minutes."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from tests.servers.outbox_history import HistoryDatabase
from tests.servers.postgres import postgres_url

__all__ = ["postgres_url"]

pytestmark = [pytest.mark.integration, pytest.mark.full]

OFTEN = 15
"""psycopg prepares a statement that was executed five times; PostgreSQL thinks of keeping its plan after five more."""

OUTAGE = """
INSERT INTO "OutboxMessages" ("EventId", "StreamId", "Sequence", "Lane", "AggregateType", "AggregateId", "Version", "Type",
        "Payload", "OccurredAt")
    SELECT gen_random_uuid(), 'showtime:' || n, 1, n % 64, 'Showtime', 'x', 1, 'old', repeat('x', 1000), '2020-01-01Z'
    FROM generate_series(1, 40000) n;
INSERT INTO "OutboxDeliveries" SELECT 'reporting', "Lane", "Id" FROM "OutboxMessages";
INSERT INTO "OutboxHolds" ("Sink", "StreamId", "Lane", "MessageId", "State", "Reason", "HeldAt")
    SELECT 'reservations', "StreamId", "Lane", "Id", 'held', '', '2020-01-01Z' FROM "OutboxMessages";
"""

SCANS = """
SELECT sum(pg_stat_get_xact_numscans(oid)) FROM pg_class
WHERE relname IN ('OutboxDeliveries', 'OutboxHolds', 'OutboxMessages')
"""


@pytest.fixture
def history(postgres_url: str) -> Iterator[HistoryDatabase]:
    """Its one connection prepares statements, and knows of the tables only that they are empty."""
    database = HistoryDatabase(postgres_url, pool_size=1)
    database.outbox.prepare(partitions={"reporting": 0})
    with database.outbox.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    yield database
    database.close()


@contextmanager
def counting_scans(history: HistoryDatabase) -> Generator[list[int]]:
    """The scans of deliveries, holds and messages in each transaction."""
    scans: list[int] = []
    before: list[int] = []

    def scans_so_far(connection: Connection) -> int:
        return int(connection.exec_driver_sql(SCANS).scalar_one())

    def begin(connection: Connection) -> None:
        before.append(scans_so_far(connection))

    def commit(connection: Connection) -> None:
        scans.append(scans_so_far(connection) - before.pop())

    event.listen(history.outbox.engine, "begin", begin)
    event.listen(history.outbox.engine, "commit", commit)
    yield scans
    event.remove(history.outbox.engine, "begin", begin)
    event.remove(history.outbox.engine, "commit", commit)


def carry(history: HistoryDatabase) -> None:
    history.outbox.lanes_with_work(sinks=["reporting"])
    claim = history.outbox.claim(sink="reporting", lane=1, owner="one")
    assert claim is not None
    history.outbox.read(claim, limit=100)
    assert history.outbox.settle(claim, delivered=[1, 2], failed=False)


def forget(history: HistoryDatabase) -> None:
    history.forget(after=0, until=history.now() - timedelta(hours=72), most=1_000)


@pytest.mark.parametrize("work", [carry, forget])
def test_what_was_done_often_on_an_empty_outbox_scans_no_full_one(
    history: HistoryDatabase, work: Callable[[HistoryDatabase], Any]
) -> None:
    for _ in range(OFTEN):
        work(history)
    with history.outbox.engine.begin() as connection:
        connection.execute(text(OUTAGE))
    with counting_scans(history) as scans:
        work(history)
    assert len(scans) >= 2
    assert sum(scans) == 0


def test_a_scan_would_be_counted(history: HistoryDatabase) -> None:
    with counting_scans(history) as scans, history.outbox.engine.begin() as connection:
        connection.execute(text("""SELECT count(*) FROM "OutboxDeliveries" WHERE "MessageId" = 0"""))
    assert scans == [1]
