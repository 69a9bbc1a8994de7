"""Parts are killed under an open page, and a hold ends: the page says so, and comes back without a reload."""

import os
import signal
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.box_office import BoxOffice
from tests.e2e.pages.booking_page import BookingPage, Visitors
from tests.e2e.stack_process import StackProcess

pytestmark = [pytest.mark.e2e, pytest.mark.full, pytest.mark.timeout(300)]

HOLD_MS = 60_000
GATEWAY, READ_SERVICE = "gateway.yaml", "readsvc "


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    with StackProcess.start(state=tmp_path_factory.mktemp("fragile"), HOLD_MINUTES="1") as process:
        yield process.wait_until_running()


@pytest.fixture
def office(fragile: StackProcess) -> Iterator[BoxOffice]:
    with httpx.Client(base_url=fragile.url, trust_env=False, timeout=20) as client:
        yield BoxOffice(client)


@pytest.fixture
def tab(browser: Browser, fragile: StackProcess, office: BoxOffice) -> Iterator[BookingPage]:
    visitors = Visitors(browser, fragile.url)
    yield visitors.arrive().visit(office.open_showtime())
    assert visitors.leave() == []


@pytest.mark.parametrize("part", [GATEWAY, READ_SERVICE])
def test_a_lost_connection_is_said_and_comes_back_by_itself(
    fragile: StackProcess, office: BoxOffice, tab: BookingPage, part: str
) -> None:
    showtime_id = tab.page.url.rpartition("=")[2]
    tab.seat("B3").focus()
    os.kill(fragile.pid_of(part), signal.SIGKILL)
    expect(tab.page.locator("#live-text")).to_contain_text("Connection lost")
    tab.expect_live(seconds=60)
    office.reserve(showtime_id, ("A", 1))
    tab.expect_seats("held", "A1")
    expect(tab.seat("B3")).to_be_focused()


def test_what_happened_while_the_connection_was_lost_is_seen_afterwards(
    fragile: StackProcess, office: BoxOffice, tab: BookingPage
) -> None:
    showtime_id = tab.page.url.rpartition("=")[2]
    os.kill(fragile.pid_of(READ_SERVICE), signal.SIGKILL)
    office.reserve(showtime_id, ("A", 1))
    expect(tab.page.locator("#live-text")).to_contain_text("Connection lost")
    tab.expect_seats("held", "A1", seconds=60)
    tab.expect_live()


def test_a_page_that_is_opened_during_an_outage_shows_the_films_once_it_is_over(
    fragile: StackProcess, tab: BookingPage
) -> None:
    pid = fragile.pid_of(READ_SERVICE)
    os.kill(pid, signal.SIGSTOP)  # it can't be restarted as long as it is not dead
    try:
        tab.page.goto(tab.url)
        expect(tab.page.locator("#films")).to_contain_text("can't be had at the moment", timeout=40_000)
    finally:
        os.kill(pid, signal.SIGKILL)
    expect(tab.page.locator(".film")).not_to_have_count(0, timeout=60_000)


def test_a_hold_ends_at_its_time_for_everybody(
    browser: Browser, fragile: StackProcess, tab: BookingPage
) -> None:
    visitors = Visitors(browser, fragile.url)
    other = visitors.arrive().visit(tab.page.url.rpartition("=")[2])
    card = tab.hold("A1")
    other.expect_seats("held", "A1")
    expect(card.locator("[data-soon] .left")).to_have_text("0:30", timeout=HOLD_MS)
    expect(tab.cards("held")).to_have_count(0, timeout=HOLD_MS)
    expect(tab.page.locator("#announcer")).to_contain_text("A hold has ended")
    other.expect_seats("free", "A1", seconds=30)
    tab.expect_seats("free", "A1", seconds=30)
    expect(tab.cards("let")).to_have_count(1)
    visitors.leave()
