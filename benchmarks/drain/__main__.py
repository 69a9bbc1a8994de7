"""`make bench`: the outbox's drain, beside a bare loop that sends the same messages in the same batches to the same hubs.

    python -m benchmarks.drain            what `make bench` runs: about five minutes
    python -m benchmarks.drain --quick    SQLite alone, fewer events, one round: under a minute, and rough
    python -m benchmarks.drain --large    a million processed rows, and the memory with a million pending

Figures go to benchmarks/results/drain.json, those of --large to drain_large.json, those of --quick nowhere.
"""

import argparse
import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from benchmarks.drain.databases import postgresql_filled, sqlite_filled
from benchmarks.drain.latency import latencies
from benchmarks.drain.memory import memory
from benchmarks.drain.rounds import against_bare, with_history
from benchmarks.report import write

MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured. Events that wait, events that were processed before, and how often."""

    pending: int = 100_000
    rounds: int = 3
    postgresql: bool = True
    history_pending: int = 30_000
    history: tuple[int, ...] = (0, 100_000)
    quiet_events: int = 100
    loaded_seconds: int = 15


QUICK = Extent(
    pending=30_000, rounds=1, postgresql=False, history_pending=10_000, quiet_events=20, loaded_seconds=4
)


def measure(extent: Extent) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    with sqlite_filled(pending=extent.pending) as filled:
        figures["sqlite"] = against_bare(filled, rounds=extent.rounds)
    if extent.postgresql:
        with postgresql_filled(pending=extent.pending) as filled:
            figures["postgresql"] = against_bare(filled, rounds=extent.rounds)
    return figures | {
        "processed_rows": measure_history(
            extent.history, pending=extent.history_pending, rounds=extent.rounds
        ),
        "commit_to_published": latencies(
            quiet_events=extent.quiet_events, loaded_seconds=extent.loaded_seconds
        ),
    }


def measure_history(history: tuple[int, ...], *, pending: int, rounds: int) -> dict[str, Any]:
    with ExitStack() as stack:
        filled = {
            processed: stack.enter_context(sqlite_filled(pending=pending, processed=processed))
            for processed in history
        }
        return with_history(filled, rounds=rounds)


def measure_large() -> dict[str, Any]:
    return {
        "processed_rows": measure_history((0, MILLION), pending=30_000, rounds=3),
        "memory_mb": memory(pending=MILLION),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drain")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--quick", action="store_true", help="fewer events, one round; writes nothing")
    choice.add_argument("--large", action="store_true", help="a million processed, and a million pending")
    arguments = parser.parse_args()
    if arguments.quick:
        report = measure(QUICK)
    elif arguments.large:
        report = measure_large()
        write("drain_large", report)
    else:
        extent = Extent()
        report = {"events": extent.pending, "rounds": extent.rounds, **measure(extent)}
        write("drain", report)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
