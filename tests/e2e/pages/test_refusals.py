"""What the page says when it is refused something, by the problem's type."""

import pytest
from playwright.sync_api import Request, Route, expect

from tests.e2e.box_office import BoxOffice
from tests.e2e.pages.booking_page import Visitors

pytestmark = [pytest.mark.e2e, pytest.mark.full, pytest.mark.timeout(240)]

HOLDS = r"/api/reservations$"
CONFIRMS = r"/confirm$"


def test_seats_that_are_apart_are_not_held_and_the_reason_is_said(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    tab.choose("A1", "A3")
    tab.press_hold()
    expect(tab.notice).to_contain_text("Seats must be side by side in one row.")
    tab.expect_seats("chosen", "A1", "A3")


def test_too_many_holds_are_said(visitors: Visitors, box_office: BoxOffice) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    for number in range(1, 11):
        tab.hold(f"A{number}")
    tab.choose("B1")
    tab.press_hold()
    expect(tab.notice).to_contain_text("You hold too much already")
    expect(tab.notice).to_contain_text("at most 10 reservations")


def test_a_cancelled_showtime_is_said_and_sells_nothing(visitors: Visitors, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    tab = visitors.arrive().visit(showtime_id)
    tab.hold("A1")
    box_office.client.post(f"/api/showtimes/{showtime_id}/cancel")
    expect(tab.notice).to_contain_text("This showtime is cancelled")
    expect(tab.page.locator("#hold")).to_be_hidden()
    expect(tab.cards("held")).to_have_count(0)  # its seats are given back, and nobody had to ask


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("showtime-cancelled", "This showtime is cancelled"),
        ("showtime-started", "The film has begun"),
        ("reservation-expired", "The hold has ended"),
        ("reservation-cancelled", "This reservation is cancelled"),
        ("version-mismatch", "It has changed meanwhile"),
        ("not-found", "There is no such thing"),
    ],
)
def test_a_confirmation_is_refused_in_words(
    visitors: Visitors, box_office: BoxOffice, code: str, words: str
) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    card = tab.hold("A1")
    tab.refuse(CONFIRMS, problem={"type": f"/problems/{code}", "title": "T", "detail": "D"}, status=409)
    card.get_by_role("button", name="Confirm").click()
    expect(tab.reservation_notice).to_contain_text(words)
    expect(tab.reservation_notice.get_by_role("button")).to_have_count(0)


def test_a_problem_that_the_page_does_not_know_speaks_for_itself(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    problem = {
        "type": "/problems/full-moon",
        "title": "The moon is full",
        "detail": "Come back <b>tomorrow</b>.",
    }
    tab.refuse(HOLDS, problem=problem, status=409)
    tab.choose("A1")
    tab.press_hold()
    expect(tab.notice).to_contain_text("The moon is full")
    expect(tab.notice).to_contain_text("Come back <b>tomorrow</b>.")


@pytest.mark.parametrize(("status", "code"), [(503, "unavailable"), (429, "rate-limited"), (0, "")])
def test_what_may_pass_is_sent_again_with_the_same_key(
    visitors: Visitors, box_office: BoxOffice, status: int, code: str
) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    sent: list[Request] = []

    def twice_in_vain(route: Route) -> None:
        sent.append(route.request)
        if len(sent) > 2:
            route.continue_()
        elif status:
            problem = {"type": f"/problems/{code}", "title": "T", "status": status}
            route.fulfill(status=status, json=problem, headers={"retry-after": "1"})
        else:
            route.abort("connectionreset")

    tab.page.route("**/api/reservations", twice_in_vain)
    tab.choose("A1")
    tab.press_hold()
    expect(tab.notice).to_contain_text("No answer yet")
    tab.expect_seats("yours-held", "A1")
    assert len({request.headers["idempotency-key"] for request in sent}) == 1
    assert len(sent) == 3


def test_an_answer_that_was_lost_does_not_make_a_visitor_lose_the_seats_to_himself(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    showtime_id = box_office.open_showtime()
    ada, bob = (visitors.arrive().visit(showtime_id) for _ in "ab")
    keys: list[str] = []

    def done_but_not_told(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()
        bob.expect_seats("held", "A1")  # so the stream has told of it, to both
        return route.abort("connectionreset")

    ada.page.route("**/api/reservations", done_but_not_told)
    ada.choose("A1")
    ada.press_hold()
    ada.expect_seats("yours-held", "A1")
    expect(ada.notice).to_contain_text("Seat A1 held for you")
    assert keys == [keys[0]] * 2


def test_who_gives_up_can_try_again_and_nothing_is_done_twice(
    visitors: Visitors, box_office: BoxOffice
) -> None:
    tab = visitors.arrive().visit(box_office.open_showtime())
    tab.page.clock.install()
    keys: list[str] = []

    def in_vain(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.abort("connectionrefused")

    tab.page.route("**/api/reservations", in_vain)
    tab.choose("A1")
    tab.press_hold()
    again = tab.notice.get_by_role("button", name="Try again")
    for _ in range(20):
        if again.is_visible():
            break
        tab.page.clock.run_for(5_000)
    expect(tab.notice).to_contain_text("There is no connection")
    tab.page.unroute("**/api/reservations")
    with tab.page.expect_request("**/api/reservations") as asked:
        again.click()
    tab.expect_seats("yours-held", "A1")
    assert {asked.value.headers["idempotency-key"]} == set(keys)


def test_an_unknown_showtime_is_said(visitors: Visitors) -> None:
    tab = visitors.arrive()
    tab.page.goto(f"{tab.url}/?showtime=11111111-1111-4111-8111-111111111111")
    expect(tab.notice).to_contain_text("There is no such thing")
