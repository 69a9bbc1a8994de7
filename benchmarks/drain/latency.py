"""How long after its commit an event is in the hub: one at a time amid silence, and under a steady load.

An event's time in the hub is the emulator's own, read from its log; it counts whole milliseconds.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import quantiles
from uuid import UUID

from benchmarks.drain.child import running
from benchmarks.drain.databases import sqlite_filled
from benchmarks.drain.outbox import is_empty
from benchmarks.drain.rounds import hubs, settings_for, wait_until_empty
from shared.application.outbox.messages import NewMessage
from tests.builders.outbox_messages import a_reservation_message
from tests.servers.hub_log import read_hub
from tests.servers.outbox_database import OutboxDatabase

LONGEST_SILENCE_SECONDS = 0.5
LOAD_PER_SECOND = 200
"""About what a node's commands commit here: see the write side's figures."""

_STREAMS = 100
_POLL_SECONDS = 0.002

CommitTimes = dict[UUID, float]
"""When the commit of each event had returned, in seconds since the epoch."""

Commit = Callable[[OutboxDatabase, Sequence[NewMessage]], CommitTimes]


def latencies(*, quiet_events: int, loaded_seconds: int) -> dict[str, dict[str, float]]:
    """In milliseconds, over SQLite."""
    return {
        "quiet": _measured(quiet_events, commit=_one_at_a_time),
        "loaded": {"commits_per_second": LOAD_PER_SECOND}
        | _measured(LOAD_PER_SECOND * loaded_seconds, commit=_steadily),
    }


def _measured(events: int, *, commit: Commit) -> dict[str, float]:
    new = [a_reservation_message(f"showtime:{number % _STREAMS}") for number in range(events)]
    with sqlite_filled(pending=0) as outbox, outbox.copy() as urls, hubs() as emulator:
        database = OutboxDatabase(urls.write)
        with running("benchmarks.drain.master_process", settings=settings_for(urls, emulator)) as master:
            master.start()
            commit(database, [a_reservation_message() for _ in range(_STREAMS)])
            committed = commit(database, new)
            wait_until_empty(urls, master=master)
        database.close()
        return _summary(_delays(committed, hub=emulator.data / "cinema.domain.events"))


def _one_at_a_time(database: OutboxDatabase, new: Sequence[NewMessage]) -> CommitTimes:
    """Each after the one before has arrived everywhere, and a silence of chance."""
    random = Random(0)  # noqa: S311 it makes test data
    times: CommitTimes = {}
    for message in new:
        times[message.event_id] = _commit(database, message)
        while not is_empty(database.engine):
            time.sleep(_POLL_SECONDS)
        time.sleep(random.uniform(0, LONGEST_SILENCE_SECONDS))
    return times


def _steadily(database: OutboxDatabase, new: Sequence[NewMessage]) -> CommitTimes:
    """At the load's pace, whatever becomes of them."""
    begun = time.perf_counter()
    times: CommitTimes = {}
    for place, message in enumerate(new):
        time.sleep(max(0.0, begun + place / LOAD_PER_SECOND - time.perf_counter()))
        times[message.event_id] = _commit(database, message)
    return times


def _commit(database: OutboxDatabase, message: NewMessage) -> float:
    database.commit(message)
    return time.time()


def _delays(committed: CommitTimes, *, hub: Path) -> Iterator[float]:
    for event in read_hub(hub):
        if (at := committed.get(UUID(event.envelope["id"]))) is not None:
            yield event.enqueued_ms - at * 1000


def _summary(delays: Iterator[float]) -> dict[str, float]:
    measured = sorted(delays)
    percentiles = quantiles(measured, n=100)
    return {"events": len(measured), "p50_ms": round(percentiles[49]), "p99_ms": round(percentiles[98])}
