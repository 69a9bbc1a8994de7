"""Two people book at the gateway's root, each with a real browser, and see what the other does."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.box_office import BoxOffice
from tests.e2e.pages.booking_page import Visitors

pytestmark = [pytest.mark.e2e, pytest.mark.full, pytest.mark.timeout(240)]


def test_a_visitor_finds_todays_or_the_next_films_and_opens_one(visitors: Visitors) -> None:
    tab = visitors.arrive()
    tab.page.goto(tab.url)
    films = tab.page.locator("#films")
    expect(films.get_by_role("heading", name="Inception")).to_be_visible()
    films.locator(".time").last.click()
    tab.expect_live()
    expect(tab.page.locator("#house-facts")).to_contain_text("seats free")
    assert "?showtime=" in tab.page.url


def test_when_todays_last_film_has_begun_the_next_day_is_shown(visitors: Visitors) -> None:
    tab = visitors.arrive(timezone_id="UTC")
    today = datetime.now(UTC).date().isoformat()

    def without_today(route: Route) -> None:
        listing = route.fetch().json()
        left = [showtime for showtime in listing["showtimes"] if showtime["screeningTime"][:10] > today]
        route.fulfill(json={**listing, "showtimes": left})

    tab.page.route("**/api/showtimes?*", without_today)
    tab.page.goto(tab.url)
    expect(tab.page.get_by_role("button", name="Tomorrow")).to_have_attribute("aria-pressed", "true")
    expect(tab.page.locator(".film")).not_to_have_count(0)


def test_another_day_has_other_showtimes(visitors: Visitors) -> None:
    tab = visitors.arrive()
    tab.page.goto(tab.url)
    tomorrow = tab.page.get_by_role("button", name="Tomorrow")
    tomorrow.click()
    expect(tomorrow).to_have_attribute("aria-pressed", "true")
    expect(tab.page.locator(".film")).not_to_have_count(0)
    expect(tomorrow).to_be_focused()


def test_back_and_forward_go_from_showtime_to_showtime(visitors: Visitors, box_office: BoxOffice) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    first = tab.page.url
    tab.hold("A1")
    tab.page.get_by_role("button", name="Tomorrow").click()
    tab.page.locator("#films .time").first.click()
    expect(tab.seat("A1")).not_to_have_attribute("data-state", "yours-held")
    second = tab.page.url
    tab.page.go_back()
    tab.expect_seats("yours-held", "A1")
    assert tab.page.url == first
    tab.page.go_forward()
    expect(tab.seat("A1")).not_to_have_attribute("data-state", "yours-held")
    tab.expect_live()
    assert tab.page.url == second


def test_one_books_and_the_other_sees_it_without_a_reload(visitors: Visitors, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    ada, bob = (visitors.arrive().visit(showtime_id) for _ in "ab")
    card = ada.hold("A4", "A5")
    bob.expect_seats("held", "A4", "A5")
    card.get_by_role("button", name="Confirm").click()
    ada.expect_seats("yours", "A4", "A5")
    bob.expect_seats("sold", "A4", "A5")
    expect(bob.page.locator("#house-facts")).to_contain_text("18 of 20 seats free")


def test_of_two_who_want_one_seat_at_once_one_gets_it_and_the_other_is_told(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    showtime_id = box_office.open_showtime()
    both = [visitors.arrive().visit(showtime_id) for _ in "ab"]
    for tab in both:
        tab.choose("B1", "B2")
    for tab in both:  # neither waits for an answer: both commands are under way together
        tab.page.evaluate("document.getElementById('hold').click()")
    for tab in both:
        expect(tab.page.locator("#house-notice")).to_contain_text("B1 and B2")
    winners = [tab for tab in both if tab.cards("held").count()]
    losers = [tab for tab in both if tab not in winners]
    assert [len(winners), len(losers)] == [1, 1]
    winners[0].expect_seats("yours-held", "B1", "B2")
    losers[0].expect_seats("held", "B1", "B2")
    expect(losers[0].notice).to_contain_text("just been taken")


def test_a_refused_visitor_sees_the_seats_taken_at_once_though_no_stream_tells(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    showtime_id = box_office.open_showtime()
    tab = visitors.arrive()
    tab.page.add_init_script("window.EventSource = class extends EventTarget { close() {} }")
    tab.page.goto(f"{tab.url}/?showtime={showtime_id}")
    tab.choose("A1", "A2")
    box_office.reserve(showtime_id, ("A", 1))
    tab.press_hold()
    expect(tab.notice).to_contain_text("Seat A1 has just been taken")
    tab.expect_seats("held", "A1")
    expect(tab.seat("A1")).to_have_attribute("data-flash", "")
    tab.expect_seats("chosen", "A2")


def test_a_seat_that_was_chosen_and_is_taken_by_another_is_said_and_dropped(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    showtime_id = box_office.open_showtime()
    tab = visitors.arrive().visit(showtime_id)
    tab.choose("A1", "A2")
    tab.seat("B7").focus()
    box_office.reserve(showtime_id, ("A", 1))
    expect(tab.notice).to_contain_text("Seat A1 has just been taken")
    tab.expect_seats("held", "A1")
    tab.expect_seats("chosen", "A2")
    expect(tab.seat("B7")).to_be_focused()


def test_a_hold_counts_down(visitors: Visitors, box_office: BoxOffice) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    left = tab.hold("A1").locator(".left")
    expect(left).to_have_text("9:58")
    expect(left).to_have_text("9:56")


def test_what_is_held_can_be_given_back(visitors: Visitors, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    ada, bob = (visitors.arrive().visit(showtime_id) for _ in "ab")
    card = ada.hold("A1")
    bob.expect_seats("held", "A1")
    card.get_by_role("button", name="Give back").click()
    expect(ada.reservation_notice).to_contain_text("Seat A1 is free again")
    expect(ada.page.get_by_role("heading", name="Your reservations")).to_be_focused()
    ada.expect_seats("free", "A1")
    bob.expect_seats("free", "A1")
    expect(ada.cards("let")).to_have_count(1)


def test_what_is_booked_is_given_back_after_a_question_alone(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    tab.hold("A1").get_by_role("button", name="Confirm").click()
    cancel = tab.cards("booked").get_by_role("button", name="Cancel booking")
    cancel.click()
    tab.page.get_by_role("button", name="Keep it").click()
    tab.expect_seats("yours", "A1")
    cancel.click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Cancel booking").click()
    tab.expect_seats("free", "A1")
    expect(tab.cards("cancelled")).to_have_count(1)


def test_a_reload_and_a_second_tab_show_what_was_done(visitors: Visitors, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    first = visitors.arrive().visit(showtime_id)
    second = visitors.another_tab(first.page.context).visit(showtime_id)
    first.hold("A1")
    second.expect_seats("yours-held", "A1")
    second.cards("held").get_by_role("button", name="Confirm").click()
    first.expect_seats("yours", "A1")
    expect(first.cards("booked")).to_have_count(1)
    first.page.reload()
    first.expect_seats("yours", "A1")
    expect(first.cards("booked")).to_contain_text("Alien")


def test_a_page_that_is_reloaded_right_after_an_action_is_never_stale(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    showtime_id = box_office.open_showtime()
    tab = visitors.arrive().visit(showtime_id)
    for name in ("A1", "A3", "A5", "A7"):
        tab.choose(name)
        with tab.page.expect_response("**/api/reservations"):
            tab.press_hold()
        expect(tab.cards("held").filter(has_text=name)).to_be_visible()
        asked: list[str] = []
        tab.page.on("request", lambda request, asked=asked: asked.append(request.url))
        tab.page.reload()
        tab.seat(name).wait_for()
        assert tab.seat(name).get_attribute("data-state") == "yours-held"
        assert any("min_sequence=" in url for url in asked)


def test_reservations_of_another_browser_with_the_same_number_are_listed(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    ada = visitors.arrive().visit(box_office.open_showtime())
    ada.hold("A1")
    number = ada.page.evaluate("localStorage.getItem('cinema.customer')")
    elsewhere = visitors.arrive()
    elsewhere.page.add_init_script(f"localStorage.setItem('cinema.customer', '{number}')")
    elsewhere.page.goto(elsewhere.url)
    expect(elsewhere.cards("held")).to_contain_text("Alien")
