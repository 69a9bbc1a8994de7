"""`make crash`: each way to die, again and again, each time with all that must be true looked at; writes docs/reliability.md.

A run opens a new cinema, sells while something is killed, lets an ordinary master carry the rest, and asks the oracle. It
ends with an error, after all runs, if anything was not as it must be, or if a fault did not happen.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.crash.outbox import oracle
from tests.crash.outbox.scenarios import SCENARIOS, Scenario
from tests.crash.outbox.world import World
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "reliability.md"


@dataclass
class Row:
    """One way to die, over all its runs."""

    name: str
    runs: int = 0
    events: int = 0
    repeats: int = 0
    failures: list[str] = field(default_factory=list[str])


def run_once(scenario: Scenario, *, on: str, seed: int, row: Row) -> None:
    chance = Random(seed)  # noqa: S311 repeatable on purpose
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crash-")))
        server = None
        urls: dict[str, str] = {}
        if on == "PostgreSQL":
            server = PostgresServer.start()
            stack.callback(server.close)
            urls = {f"{name}_url": server.create_database(name) for name in ("write", "reporting")}
        world = stack.enter_context(World.open(folder, **urls))
        left_out = scenario.act(world, chance, server)
        world.drain()
        findings = oracle.check(world, discarded=left_out)
    row.events += findings.events
    row.repeats += sum(findings.repeats.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", help="scenarios whose name has this in it; writes no report")
    options = parser.parse_args()
    began = time.monotonic()
    rows: dict[str, list[Row]] = {"SQLite": [], "PostgreSQL": []}
    for database, found in rows.items():
        for scenario in SCENARIOS:
            if scenario.needs_server and database == "SQLite":
                continue
            if options.only and options.only not in scenario.name:
                continue
            found.append(measured(scenario, on=database, repeats=options.repeats))
    if not options.only:
        REPORT.write_text(report(rows, minutes=(time.monotonic() - began) / 60), encoding="utf-8")
    return 1 if any(row.failures for found in rows.values() for row in found) else 0


def measured(scenario: Scenario, *, on: str, repeats: int) -> Row:
    row = Row(scenario.name)
    for seed in range(repeats):
        try:
            run_once(scenario, on=on, seed=seed, row=row)
        except Exception:  # noqa: BLE001 every run is reported
            traceback.print_exc()
            row.failures.append(traceback.format_exc(limit=-1))
        row.runs += 1
    print(f"{on:10} {row.name:60} {row.runs - len(row.failures)}/{row.runs}", flush=True)  # noqa: T201 progress
    return row


def report(rows: dict[str, list[Row]], *, minutes: float) -> str:
    head = (ROOT / "tests" / "crash" / "reliability_head.md").read_text(encoding="utf-8")
    runs = sum(row.runs for found in rows.values() for row in found)
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    lines = [head, f"{runs} runs in {minutes:.0f} minutes, {datetime.now(UTC):%d %B %Y}; {machine}.", ""]
    for database, found in rows.items():
        lines += [f"## {database}", "", *table(found), ""]
    return "\n".join(lines)


def table(rows: list[Row]) -> list[str]:
    return [
        "| what dies, and when | runs | as promised | events | repeats in the hubs |",
        "|---|---|---|---|---|",
        *(
            f"| {row.name} | {row.runs} | {row.runs - len(row.failures)} | {row.events:,} | {row.repeats:,} |"
            for row in rows
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
