"""`make screenshots`: the pictures in docs/images, taken from a whole stack."""

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from tests.e2e.box_office import BoxOffice
from tests.e2e.pages.booking_page import BookingPage, Visitors
from tests.e2e.pages.operations_pictures import take_pictures
from tests.e2e.stack_process import ROOT, StackProcess
from tests.servers.browser import CHROMIUM, chromium

IMAGES = ROOT / "docs/images"
DESKTOP = {"width": 1240, "height": 1080}
PHONE = {"width": 390, "height": 844}
BOOKING: dict[str, dict[str, Any]] = {
    "booking-light": {"color_scheme": "light", "viewport": DESKTOP},
    "booking-dark": {"color_scheme": "dark", "viewport": DESKTOP},
    "booking-phone": {"color_scheme": "light", "viewport": PHONE, "device_scale_factor": 2},
}


PARTIES = (("D", 8, 3), ("E", 9, 4), ("F", 3, 2), ("G", 10, 3), ("H", 14, 3), ("I", 5, 4), ("J", 12, 2))


def sell_some(office: BoxOffice, showtime_id: str) -> None:
    """Some seats are sold, and three are held."""
    for row, first, size in PARTIES:
        seats = [(row, number) for number in range(first, first + size)]
        office.confirm(office.reserve(showtime_id, *seats)["reservationId"])
    office.reserve(showtime_id, ("H", 8), ("H", 9), ("H", 10))


def book_some(tab: BookingPage, office: BoxOffice, *, number: int) -> None:
    """Open one of tomorrow's showtimes in the big hall, buy two seats, hold two more, and choose two."""
    tab.page.goto(tab.url)
    tab.page.get_by_role("button", name="Tomorrow").click()
    tab.page.locator(".time", has_text="Grand Hall").nth(number).click()
    tab.expect_live()
    sell_some(office, tab.page.url.rpartition("=")[2])
    tab.hold("G15", "G16").get_by_role("button", name="Confirm").click()
    tab.expect_seats("yours", "G15", "G16")
    tab.hold("F9", "F10")
    tab.choose("I11", "I12")
    tab.expect_seats("held", "H8")
    tab.page.mouse.move(0, 0)


def take(visitors: Visitors, office: BoxOffice) -> None:
    for number, (name, how) in enumerate(BOOKING.items()):
        tab = visitors.arrive(reduced_motion="reduce", **how)
        book_some(tab, office, number=number)
        first = "#house" if how["viewport"] == PHONE else "body"
        tab.page.locator(first).evaluate("element => element.scrollIntoView({block: 'start'})")
        keep(tab.page.screenshot(), name=name)


def keep(picture: bytes, *, name: str) -> None:
    """With 256 colours it has a third of the bytes, and looks the same."""
    drawn = Image.open(BytesIO(picture)).convert("RGB").quantize(256)
    drawn.save(IMAGES / f"{name}.png", optimize=True)


def main() -> None:
    if CHROMIUM is None:
        sys.exit("No pictures are taken: Chromium can't be had, there is none on the PATH")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, StackProcess.start(state=Path(state)) as stack:
        stack.wait_until_running()
        with httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client, chromium() as browser:
            visitors = Visitors(browser, stack.url)
            take(visitors, BoxOffice(client))
            visitors.leave()
            take_pictures(browser, stack)


if __name__ == "__main__":
    main()
