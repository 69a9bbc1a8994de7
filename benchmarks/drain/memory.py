"""What the master needs of memory while a great many events wait."""

import time

from benchmarks.drain.child import Child, running
from benchmarks.drain.databases import sqlite_filled
from benchmarks.drain.outbox import engine_for, pending_deliveries
from benchmarks.drain.rounds import hubs, settings_for

_SAMPLE_SECONDS = 2.0


def memory(*, pending: int) -> dict[str, list[float] | float]:
    """The master's resident memory in MB: before its first event, and while it drains, a figure for each tenth."""
    with (
        sqlite_filled(pending=pending) as filled,
        filled.copy() as urls,
        hubs() as emulator,
        running("benchmarks.drain.master_process", settings=settings_for(urls, emulator)) as master,
    ):
        at_start = master.resident_mb
        master.start()
        tenths = _highest_of_each_tenth(master, write_url=urls.write)
    return {"at_start": round(at_start), "highest_by_tenth": tenths}


def _highest_of_each_tenth(master: Child, *, write_url: str) -> list[float]:
    engine = engine_for(write_url)
    total = left = pending_deliveries(engine)
    highest = [0.0] * 10
    while left:
        master.check_alive()
        tenth = min(9, 10 * (total - left) // total)
        highest[tenth] = max(highest[tenth], round(master.resident_mb))
        time.sleep(_SAMPLE_SECONDS)
        left = pending_deliveries(engine)
    engine.dispose()
    return highest
