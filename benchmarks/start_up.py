"""`make bench`: from `make run` to the first booking that a reader sees, once everything is installed.

    python -m benchmarks.start_up             what `make bench` runs: about a minute
    python -m benchmarks.start_up --quick     one start of each kind; writes nothing

Whole stacks, one after the other, each a launcher as `make run` starts it: some that find nothing, and some that find the data
of an earlier run. The clock starts before the launcher's process does. Figures go to benchmarks/results/start_up.json.
"""

import argparse
import json
import re
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processes import cpu_seconds
from benchmarks.report import write
from tests.e2e.stack_process import StackProcess

STARTS = 5
_READY = re.compile(r"✓ (?P<part>\S+(?: \S+)*?) +(?::\d+)? +(?P<seconds>[\d.]+) s$", re.MULTILINE)
_FIRST_LINE, _ALL_READY, _VISIBLE = "Starting", "A booking's way", "visible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start. All in seconds; `parts` since the launcher began to start them, the rest since its process began."""

    first_line: float
    all_ready: float
    visible: float
    parts: dict[str, float]
    processors: float
    """What the launcher and all parts have computed by then."""


def measure(state: Path) -> Start:
    """Start a stack over a folder, wait until its booking is visible, and stop it."""
    begun = time.monotonic()
    with StackProcess.start(state=state) as stack:
        passed: list[float] = []
        for text in (_FIRST_LINE, _ALL_READY, _VISIBLE):
            stack.wait_for_output(text)
            passed.append(time.monotonic() - begun)
        computed = sum(cpu_seconds(pid) for pid in (stack.launcher.pid, *stack.children()))
        parts = {found["part"]: float(found["seconds"]) for found in _READY.finditer(stack.printed)}
    first_line, all_ready, visible = passed
    return Start(
        first_line=first_line, all_ready=all_ready, visible=visible, parts=parts, processors=computed
    )


def summed_up(starts: Iterable[Start]) -> dict[str, Any]:
    """The medians, with the fastest and the slowest of what matters."""
    found = list(starts)
    visible = sorted(start.visible for start in found)
    return {
        "starts": len(found),
        "first_booking_visible_s": _figure(visible),
        "fastest_s": round(visible[0], 2),
        "slowest_s": round(visible[-1], 2),
        "first_line_s": _figure(start.first_line for start in found),
        "all_parts_ready_s": _figure(start.all_ready for start in found),
        "processor_s": _figure(start.processors for start in found),
        "part_ready_s": {part: _figure(start.parts[part] for start in found) for part in found[0].parts},
    }


def _figure(values: Iterable[float]) -> float:
    return round(median(values), 2)


def measure_all(starts: int) -> dict[str, Any]:
    """Starts that find nothing, and starts that find the data of the former."""
    with tempfile.TemporaryDirectory() as folder:
        states = [Path(folder, str(number)) for number in range(starts)]
        measure(Path(folder, "warm"))  # the page cache has everything from now on
        fresh = [measure(state) for state in states]
        again = [measure(state) for state in states]
    return {"finding_nothing": summed_up(fresh), "finding_its_data": summed_up(again)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start_up")
    parser.add_argument("--quick", action="store_true", help="one start of each kind; writes nothing")
    quick = parser.parse_args().quick
    report = measure_all(1 if quick else STARTS)
    if not quick:
        write("start_up", report)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
