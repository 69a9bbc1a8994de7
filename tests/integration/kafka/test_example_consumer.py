"""The documented consumer, run as it is documented."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.builders.hub_batches import committed
from tests.builders.outbox_messages import BoxOffice
from tests.integration.kafka.sinks import TOPIC, deliver_all
from tests.servers.kafka_mock import MockCluster

pytestmark = pytest.mark.integration

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "kafka_consumer.py"


@contextmanager
def consumer(servers: str, database: Path) -> Generator[None]:
    """It is told to stop, and has not failed by then."""
    process = subprocess.Popen([sys.executable, EXAMPLE, servers, database])
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0


def rows(database: Path, query: str) -> list[tuple[object, object]]:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []  # it has not made its tables yet


def booked_seats(database: Path) -> dict[object, object]:
    return dict(rows(database, "SELECT Showtime, SUM(Seats) FROM Bookings GROUP BY Showtime"))


async def test_it_counts_what_is_booked_and_drops_repeats(tmp_path: Path) -> None:
    office, last, database = BoxOffice(), BoxOffice(), tmp_path / "seats.db"
    first, second = office.book(seats=2), office.book(seats=3)
    messages = committed(first.created, second.created, first.cancelled_while_held, second.confirmed)
    with MockCluster() as cluster:
        cluster.create_topic(TOPIC, partitions=8)
        await deliver_all(cluster.servers, messages)
        await deliver_all(cluster.servers, messages[:2])  # the first is cancelled, and must stay so
        await deliver_all(cluster.servers, committed(last.book(seats=1).created))
        with consumer(cluster.servers, database):
            async with asyncio.timeout(30):
                while str(last.showtime_id) not in booked_seats(database):
                    await asyncio.sleep(0.05)
    assert booked_seats(database) == {str(office.showtime_id): 3, str(last.showtime_id): 1}
