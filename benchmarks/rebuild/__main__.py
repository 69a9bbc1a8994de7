"""`make bench`: how fast the views are rebuilt, beside a bare copy that reads the same pages and inserts finished documents.

    python -m benchmarks.rebuild            100,000 events; figures go to benchmarks/results/rebuild.json
    python -m benchmarks.rebuild --quick    10,000 events; writes nothing

A hundred events a showtime: one of its own, and bookings that hold a seat and sell it or let it go. EventLog is SQLite, MongoDB
the stand-in, so that its share is large; nobody else uses either.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from sqlalchemy import insert

from benchmarks.rebuild.stopwatch import Stopwatch
from benchmarks.report import write
from benchmarks.view_servers import view_servers
from migrations.upgrade import upgrade_branch
from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.ports import BEGINNING, LogPlace
from shared.bootstrap.rebuild import open_rebuild
from shared.contracts.documents import ReservationDocument, ShowtimeDocument, collection_name
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.event_archive import SqlEventArchive
from shared.infrastructure.sql.reporting_tables import event_log
from shared.settings import RebuildSettings
from tests.builders.event_log_rows import event_row
from tests.builders.published_events import ShowtimeHistory, auditorium_event, movie_event

EVENTS, QUICK_EVENTS, EVENTS_A_SHOWTIME, ROUNDS = 100_000, 10_000, 100, 3


def events(wanted: int) -> Iterator[ReceivedEvent]:
    """A catalogue of two, and showtimes."""
    yield movie_event(1)
    yield auditorium_event(1)
    for number in range(wanted // EVENTS_A_SHOWTIME):
        history = ShowtimeHistory(f"showtime {number}")
        history.created()
        for customer in range(EVENTS_A_SHOWTIME // 2):
            seat = ("AB"[customer % 2], 1 + customer % 4)
            history.held(str(customer), seat)
            (history.freed if customer % 3 else history.sold)(str(customer), seat)
        yield from history.events[:EVENTS_A_SHOWTIME]


def measure(wanted: int, *, rounds: int) -> dict[str, Any]:
    """The first rebuild makes live views to compare with. Of the others the best times are kept: all that disturbs makes slower."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        reporting = f"sqlite:///{folder / 'reporting.db'}"
        upgrade_branch("reporting", url=reporting)
        written = archive(reporting, wanted)
        mongo_url, redis_url = stack.enter_context(view_servers())
        client = stack.enter_context(MongoClient[dict[str, Any]](mongo_url))
        settings = RebuildSettings(
            mongo_url=mongo_url,
            mongo_timeout_seconds=3,
            redis_url=redis_url,
            reporting_database_url=reporting,
        )
        _, *taken = [one_round(client, settings) for _ in range(1 + rounds)]
    copying, comparing, bare = (min(times) for times in zip(*taken, strict=True))
    return {
        "events": written,
        "events_a_second": round(written / copying),
        "bare_events_a_second": round(written / bare),
        "ratio_to_bare": round(copying / bare, 2),
        "comparing_seconds": round(comparing, 2),
    }


def archive(url: str, wanted: int) -> int:
    """Fill EventLog; answers how many events it has."""
    rows = [event_row(event) for event in events(wanted)]
    engine = create_database_engine(url, lock_wait_seconds=5.0, pool_size=1)
    with engine.begin() as connection:
        connection.execute(insert(event_log), rows)
    engine.dispose()
    return len(rows)


def one_round(client: MongoClient[dict[str, Any]], settings: RebuildSettings) -> tuple[float, float, float]:
    """The seconds of copying, of comparing, and of a bare copy."""
    watch = Stopwatch()
    with open_rebuild(settings, tell=watch) as views:
        ended = views.rebuild(finish=False)
    watch.stop()
    bare = bare_copy(client, generation=ended.live, settings=settings)
    return watch.seconds["copying"], watch.seconds.get("comparing", 0.0), bare


def bare_copy(client: MongoClient[dict[str, Any]], *, generation: int, settings: RebuildSettings) -> float:
    """Read every page, and insert the documents that are made of them: what no rebuild can do without."""
    names = [
        collection_name(model.view, generation=generation)
        for model in (ReservationDocument, ShowtimeDocument)
    ]
    finished = {name: list(client[settings.mongo_database][name].find()) for name in names}
    engine = create_database_engine(settings.reporting_database_url, lock_wait_seconds=5.0, pool_size=1)
    pages, size = SqlEventArchive(engine), settings.rebuild_batch_events
    begun = time.perf_counter()
    place = BEGINNING
    while page := pages.page(after=place, limit=size):
        place = LogPlace(page[-1].partition, page[-1].position)
    for name, documents in finished.items():
        for first in range(0, len(documents), size):
            client["bare"][name].insert_many(documents[first : first + size], ordered=False)
    seconds = time.perf_counter() - begun
    engine.dispose()
    client.drop_database("bare")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rebuild")
    parser.add_argument("--quick", action="store_true", help="10,000 events, one round; writes nothing")
    if parser.parse_args().quick:
        report = measure(QUICK_EVENTS, rounds=1)
    else:
        report = {"rounds": ROUNDS, **measure(EVENTS, rounds=ROUNDS)}
        write("rebuild", report)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
