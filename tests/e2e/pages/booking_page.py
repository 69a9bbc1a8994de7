"""The booking page as a visitor uses it: by what is written on it, and by the names of its seats."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.e2e.box_office import eventually
from tests.e2e.pages.complaints import complaints_about

WAIT_MS = 30_000

expect.set_options(timeout=WAIT_MS)


@dataclass
class BookingPage:
    """One tab, with what the browser had to say against the page."""

    page: Page
    url: str
    complaints: list[str]

    @classmethod
    def in_tab(cls, context: BrowserContext, url: str) -> "BookingPage":
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        return cls(page, url, complaints_about(page))

    def visit(self, showtime_id: str) -> "BookingPage":
        """Open a showtime as soon as the views have it; a test may have made it just now."""
        path = f"{self.url}/api/showtimes/{showtime_id}?min_sequence=1"
        eventually(lambda: self.page.request.get(path).ok, seconds=40)
        self.page.goto(f"{self.url}/?showtime={showtime_id}")
        self.expect_live()
        return self

    def expect_live(self, *, seconds: float = 30) -> None:
        expect(self.page.locator("#live-text")).to_have_text("Live", timeout=seconds * 1000)
        expect(self.page.locator("#live")).to_be_visible()  # with the seats; the word is there before

    def seat(self, name: str) -> Locator:
        """A seat such as C4, whatever its state."""
        return self.page.locator(f'[data-key="{name[0]}-{name[1:]}"]')

    def expect_seats(self, state: str, *names: str, seconds: float = 30) -> None:
        for name in names:
            seat = self.seat(name)
            expect(seat).to_have_attribute("data-state", state, timeout=seconds * 1000)

    def choose(self, *names: str) -> None:
        for name in names:
            self.seat(name).click()
        self.expect_seats("chosen", *names)

    def hold(self, *names: str) -> Locator:
        """Hold seats, and answer their card."""
        self.choose(*names)
        self.press_hold()
        card = self.cards("held").filter(has_text=_named(names))
        expect(card).to_be_visible()
        return card

    def press_hold(self) -> None:
        self.page.locator("#hold").click()

    def cards(self, state: str) -> Locator:
        """Reservations that are held, booked, ended, let (held no longer), cancelled or over."""
        return self.page.locator(f'.ticket[data-state="{state}"]')

    @property
    def notice(self) -> Locator:
        """What is said about the seats."""
        return self.page.locator("#house-notice")

    @property
    def reservation_notice(self) -> Locator:
        return self.page.locator("#mine-notice")

    def refuse(self, path: str, *, problem: Mapping[str, object], status: int) -> None:
        """Have the next command at a path, and those after it, refused as a server would refuse it."""

        def answer(route: Route) -> None:
            route.fulfill(status=status, json=dict(problem), content_type="application/problem+json")

        self.page.route(re.compile(path), answer)


@dataclass
class Visitors:
    """People with browsers of their own."""

    browser: Browser
    url: str
    tabs: list[BookingPage] = field(default_factory=list[BookingPage])

    def arrive(self, **how: object) -> BookingPage:
        """Another visitor; `how` is what Playwright can say of a browser, such as `color_scheme`."""
        context = self.browser.new_context(**how)  # pyright: ignore[reportArgumentType] # named by Playwright
        return self.another_tab(context)

    def another_tab(self, context: BrowserContext) -> BookingPage:
        tab = BookingPage.in_tab(context, self.url)
        self.tabs.append(tab)
        return tab

    def leave(self) -> list[str]:
        """All go; answers what their browsers had to say against the page."""
        for context in {tab.page.context for tab in self.tabs}:
            context.close()
        return [complaint for tab in self.tabs for complaint in tab.complaints]


def _named(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"Seat {names[0]}"
    return f"Seats {', '.join(names[:-1])} and {names[-1]}"
