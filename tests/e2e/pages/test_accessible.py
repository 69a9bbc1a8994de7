"""The page without a pointer, without colours, without motion; as axe judges it; and within its own policy."""

import pytest
from playwright.sync_api import expect

from tests.e2e.box_office import BoxOffice
from tests.e2e.pages.booking_page import Visitors
from tests.servers.browser import violations

pytestmark = [pytest.mark.e2e, pytest.mark.full, pytest.mark.timeout(240)]

SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visitors: Visitors, box_office: BoxOffice, scheme: str, size: str) -> None:
    tab = visitors.arrive(color_scheme=scheme, viewport=SIZES[size], reduced_motion="reduce")
    tab.page.goto(tab.url)
    expect(tab.page.locator(".film")).not_to_have_count(0)
    assert violations(tab.page) == []
    showtime_id = box_office.open_showtime()
    tab.visit(showtime_id)
    tab.hold("A1", "A2").get_by_role("button", name="Confirm").click()
    tab.expect_seats("yours", "A1")
    box_office.confirm(box_office.reserve(showtime_id, ("A", 5))["reservationId"])
    box_office.reserve(showtime_id, ("A", 6))
    tab.hold("B2")
    tab.expect_seats("sold", "A5")
    tab.expect_seats("held", "A6")
    tab.choose("B4", "B6")
    tab.press_hold()
    expect(tab.notice).to_contain_text("side by side")
    assert violations(tab.page) == []
    tab.cards("booked").get_by_role("button", name="Cancel booking").click()
    assert violations(tab.page) == []


@pytest.mark.parametrize("size", SIZES)
def test_nothing_but_the_hall_scrolls_sideways(visitors: Visitors, box_office: BoxOffice, size: str) -> None:
    box_office.rows = {"A": 24, "B": 24}
    tab = visitors.arrive(viewport=SIZES[size]).visit(box_office.open_showtime())
    tab.hold("A12")
    assert tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert tab.seat("A12").evaluate("seat => seat.getBoundingClientRect().width") >= 24


def test_a_booking_by_keyboard_alone(visitors: Visitors, box_office: BoxOffice) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    keyboard = tab.page.keyboard
    expect(tab.seat("A1")).to_be_visible()
    tab.page.locator("body").press("Tab")
    skip = tab.page.get_by_role("link", name="Skip to the seats")
    expect(skip).to_be_focused()
    keyboard.press("Enter")
    expect(tab.page.locator("#house")).to_be_focused()
    keyboard.press("Tab")
    expect(tab.seat("A1")).to_be_focused()
    for key in ("ArrowDown", "End", "ArrowLeft", "Space"):
        keyboard.press(key)
    tab.expect_seats("chosen", "B9")
    expect(tab.seat("B9")).to_have_accessible_name("Row B seat 9, chosen")
    keyboard.press("ArrowLeft")
    keyboard.press("Enter")
    tab.expect_seats("chosen", "B8")
    keyboard.press("Tab")
    expect(tab.page.get_by_role("button", name="Hold 2 seats")).to_be_focused()
    keyboard.press("Enter")
    expect(tab.page.get_by_role("button", name="Confirm: B8 and B9")).to_be_focused()
    keyboard.press("Enter")
    tab.expect_seats("yours", "B8", "B9")
    expect(tab.cards("booked").get_by_role("heading")).to_be_focused()


def test_the_skip_link_leaves_the_hall_and_the_choice(visitors: Visitors, box_office: BoxOffice) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    tab.choose("A1")
    # After the page's own listener: what it does to the hall at this step of the history, it has begun.
    tab.page.evaluate("addEventListener('popstate', () => (window.hallGone = auditorium.hidden))")
    tab.page.get_by_role("link", name="Skip to the seats").press("Enter")
    tab.page.wait_for_function("'hallGone' in window")
    assert tab.page.evaluate("hallGone") is False
    tab.expect_seats("chosen", "A1")


def test_one_seat_at_a_time_is_in_the_tab_order(visitors: Visitors, box_office: BoxOffice) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    grid = tab.page.get_by_role("grid")
    expect(grid.locator('[tabindex="0"]')).to_have_count(1)
    tab.seat("B5").click()
    expect(grid.locator('[tabindex="0"]')).to_have_count(1)
    expect(tab.seat("B5")).to_have_attribute("tabindex", "0")
    for key, name in (
        ("Control+Home", "A1"),
        ("ArrowLeft", "A1"),
        ("Control+End", "B10"),
        ("ArrowDown", "B10"),
    ):
        tab.page.keyboard.press(key)
        expect(tab.seat(name)).to_be_focused()


def test_the_focus_stays_while_others_book(visitors: Visitors, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    tab = visitors.arrive().visit(showtime_id)
    tab.seat("A1").focus()
    box_office.reserve(showtime_id, ("A", 1))
    tab.expect_seats("held", "A1")
    expect(tab.seat("A1")).to_be_focused()
    expect(tab.seat("A1")).to_have_accessible_name("Row A seat 1, held by others")


def test_others_bookings_are_seen_and_not_read_out(visitors: Visitors, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    tab = visitors.arrive().visit(showtime_id)
    box_office.reserve(showtime_id, ("A", 1))
    tab.expect_seats("held", "A1")
    for region in tab.page.get_by_role("status").all():
        expect(region).to_be_empty()


def test_states_differ_by_more_than_their_colour(visitors: Visitors, box_office: BoxOffice) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    signs = tab.page.locator(".legend .sign").evaluate_all(
        "signs => signs.map(sign => getComputedStyle(sign, '::before').content)"
    )
    assert len(set(signs)) == len(signs) == 6


def test_nothing_moves_for_those_who_want_no_motion(visitors: Visitors, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    tab = visitors.arrive(reduced_motion="reduce").visit(showtime_id)
    tab.choose("A1")
    box_office.reserve(showtime_id, ("A", 1))
    expect(tab.seat("A1")).to_have_attribute("data-flash", "")
    assert tab.page.evaluate("document.getAnimations().length") == 0


def test_what_comes_from_outside_is_text(visitors: Visitors, box_office: BoxOffice) -> None:
    movie = {"title": "<img src=x onerror=alert(1)>", "runtimeMinutes": 90}
    showtime_id = box_office.open_showtime()
    listed = box_office.seen(showtime_id, sequence=1)
    answer = box_office.client.put(f"/api/movies/{listed['movie']['movieId']}", json=movie)
    assert answer.is_success
    tab = visitors.arrive()
    tab.page.route(
        f"**/api/showtimes/{showtime_id}", lambda route: route.fulfill(json={**listed, "movie": movie})
    )
    tab.visit(showtime_id)
    expect(tab.page.locator("#house-heading")).to_have_text("<img src=x onerror=alert(1)>")
    assert tab.page.locator("main img").count() == 0
