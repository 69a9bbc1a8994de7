"""`make bench`: from one visitor's click to another visitor's map, in two real browsers over the whole stack.

    python -m benchmarks.pages            what `make bench` runs: about a minute
    python -m benchmarks.pages --quick    fewer bookings; writes nothing

Both browsers are on this machine and share its processors with the stack, and its clock. Figures go to
benchmarks/results/pages.json.
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from playwright.sync_api import Page

from benchmarks.report import write
from tests.e2e.box_office import BoxOffice
from tests.e2e.pages.booking_page import Visitors
from tests.e2e.stack_process import StackProcess
from tests.servers.browser import CHROMIUM, chromium

ROWS = dict.fromkeys("ABCDEFGHIJ", 15)
BOOKINGS, QUICK_BOOKINGS = 60, 15
PAUSE_MS = 200

NOTE_WHEN = """([key, states]) => {
  const seat = document.querySelector(`[data-key="${key}"]`)
  window.noted = new Promise(resolve => {
    const look = () => states.includes(seat.dataset.state) && resolve(performance.timeOrigin + performance.now())
    new MutationObserver(look).observe(seat, {attributes: true, attributeFilter: ["data-state"]})
  })
}"""
CLICK = """() => {
  const at = performance.timeOrigin + performance.now()
  document.getElementById("hold").click()
  return at
}"""


def measure(*, bookings: int) -> dict[str, Any]:
    """Milliseconds from the click on Hold to each map: to the clicking visitor's own, and to the other's."""
    own: list[float] = []
    others: list[float] = []
    with tempfile.TemporaryDirectory() as state, StackProcess.start(state=Path(state)) as stack:
        stack.wait_until_running()
        with httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client, chromium() as browser:
            office = BoxOffice(client, rows=ROWS)
            visitors = Visitors(browser, stack.url)
            pages: list[Page] = []
            for number in range(bookings):
                if number % 10 == 0:  # a customer may hold ten
                    visitors.leave()
                    visitors = Visitors(browser, stack.url)
                    showtime_id = office.open_showtime()
                    pages = [visitors.arrive().visit(showtime_id).page for _ in range(2)]
                to_own, to_other = click_to_map(*pages, key=f"A-{number % 10 + 1}")
                own.append(to_own)
                others.append(to_other)
            visitors.leave()
    return {"bookings": bookings, "own_map": _spread(own), "other_map": _spread(others)}


def click_to_map(clicking: Page, watching: Page, *, key: str) -> tuple[float, float]:
    """How long it takes until both show a seat as held, each in its way."""
    clicking.wait_for_timeout(PAUSE_MS)
    clicking.locator(f'[data-key="{key}"]').click()
    clicking.evaluate(NOTE_WHEN, [key, ["yours-held"]])
    watching.evaluate(NOTE_WHEN, [key, ["held"]])
    begun: float = clicking.evaluate(CLICK)
    return clicking.evaluate("noted") - begun, watching.evaluate("noted") - begun


def _spread(milliseconds: list[float]) -> dict[str, float]:
    ninetieth = quantiles(milliseconds, n=10)[8]
    return {
        "p50_ms": round(median(milliseconds), 1),
        "p90_ms": round(ninetieth, 1),
        "longest_ms": round(max(milliseconds), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages")
    parser.add_argument("--quick", action="store_true", help="fewer bookings; writes nothing")
    quick = parser.parse_args().quick
    if CHROMIUM is None:
        print("Nothing is measured of the pages: Chromium can't be had, there is none on the PATH")
        return
    report = measure(bookings=QUICK_BOOKINGS if quick else BOOKINGS)
    if not quick:
        write("pages", report)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
