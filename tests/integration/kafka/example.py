"""The documented consumer as a process, and what its database has."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.builders.outbox_messages import BoxOffice

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


async def until_it_knows(database: Path, office: BoxOffice) -> None:
    async with asyncio.timeout(30):
        while str(office.showtime_id) not in booked_seats(database):
            await asyncio.sleep(0.05)


def booked_seats(database: Path) -> dict[object, object]:
    """Showtimes without any are not in it."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT Showtime, SUM(Seats) FROM Bookings GROUP BY Showtime"))
    except sqlite3.OperationalError:
        return {}  # it has not made its tables yet
