"""Takes the pictures of the operators' page that the documentation shows: of a stack that sells, and of one in trouble.

python -m tests.e2e.pages.operations_pictures
"""

import math
import time
from pathlib import Path

import httpx
from playwright.sync_api import Browser, ViewportSize, expect

from tests.e2e.box_office import BoxOffice
from tests.e2e.pages.operations_page import (
    DeadLetter,
    OccupiedArchive,
    OperationsPage,
    operations_tab,
    stopped,
)
from tests.e2e.stack_process import StackProcess

IMAGES = Path(__file__).parents[3] / "docs" / "images"
WIDE: ViewportSize = {"width": 1360, "height": 1000}
PHONE: ViewportSize = {"width": 390, "height": 1100}

SELLING_SECONDS = 75.0
TROUBLE_SECONDS = 25.0


def take_pictures(browser: Browser, stack: StackProcess, *, folder: Path = IMAGES) -> None:
    """Write `operations-light.png`, `-phone.png`, `-trace.png` and `-dark.png`: the last while the hubs hang."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client,
        operations_tab(browser, stack.url, viewport=WIDE) as light,
        operations_tab(browser, stack.url, viewport=WIDE, dark=True) as dark,
        operations_tab(browser, stack.url, viewport=PHONE) as phone,
    ):
        for tab in (light, dark, phone):
            tab.open()
        office = BoxOffice(client, rows={"A": 20, "B": 20})
        sold = _sell(office, seconds=SELLING_SECONDS)
        _save(light, folder / "operations-light.png")
        _save(phone, folder / "operations-phone.png")
        letter = DeadLetter.made(office, OccupiedArchive(stack))
        with stopped(stack, stack.ports.event_hubs):
            _sell(office, seconds=TROUBLE_SECONDS)
            dark.expect_state("domain-events", "unreachable", seconds=60)
            expect(dark.letters).to_have_count(1)
            _save(dark, folder / "operations-dark.png")
        OccupiedArchive(stack).mend(letter)
        client.post(f"/api/ops/dead-letters/{letter.id}/redrive")
        light.open(f"#trace={sold}")
        expect(light.page.locator("#overall")).to_have_text("all is well", timeout=90_000)
        expect(light.trace).to_contain_text("everything is where it belongs")
        light.page.locator("#trace").evaluate("section => section.scrollIntoView()")
        light.page.screenshot(path=folder / "operations-trace.png")


def _save(tab: OperationsPage, path: Path) -> None:
    tab.page.evaluate("scrollTo(0, 0)")
    tab.page.screenshot(path=path)


def _sell(office: BoxOffice, *, seconds: float) -> str:
    """Book in waves, so that the lines have something to show, look at what was booked, and answer the last booking."""
    began = time.monotonic()
    last = ""
    showtime_id, seat = office.open_showtime(), 0
    while (passed := time.monotonic() - began) < seconds:
        seat += 1
        if seat > office.rows["A"]:
            showtime_id, seat = office.open_showtime(), 1
        held = office.reserve(showtime_id, ("A", seat))
        for _ in range(seat % 4):
            office.client.get(f"/api/showtimes/{showtime_id}")
        if seat % 3:
            office.confirm(held["reservationId"])
            last = held["reservationId"]
        time.sleep(0.05 + 0.25 * (1 + math.sin(passed / 5)))
    return last
