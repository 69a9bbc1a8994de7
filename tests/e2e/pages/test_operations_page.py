"""Operators look at a whole stack with a real browser: what they see, what they do, and what they are told when parts are away."""

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Route, ViewportSize, expect

from tests.e2e.box_office import BoxOffice, eventually
from tests.e2e.pages.operations_page import (
    DESKTOP,
    DeadLetter,
    OccupiedArchive,
    OperationsPage,
    operations_tab,
    stopped,
)
from tests.e2e.stack_process import StackProcess
from tests.servers.browser import violations

pytestmark = [pytest.mark.e2e, pytest.mark.full, pytest.mark.timeout(240)]

PHONE: ViewportSize = {"width": 390, "height": 844}
PIPELINE = "**/api/ops/pipeline"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """One of this module's own, since parts of it are stopped and killed."""
    with StackProcess.start(state=tmp_path_factory.mktemp("operations")) as process:
        yield process.wait_until_running()


@pytest.fixture
def tab(browser: Browser, stack: StackProcess) -> Iterator[OperationsPage]:
    with operations_tab(browser, stack.url) as opened:
        yield opened.open()


@pytest.fixture
def archive(stack: StackProcess) -> OccupiedArchive:
    return OccupiedArchive(stack)


@pytest.fixture
def letter(
    box_office: BoxOffice, archive: OccupiedArchive, client: httpx.Client
) -> Iterator[Callable[..., DeadLetter]]:
    """Makes dead letters, and lets those go in the end that are left."""
    made: list[DeadLetter] = []

    def make(*, times: int = 1) -> DeadLetter:
        made.append(DeadLetter.made(box_office, archive, times=times))
        return made[-1]

    yield make
    for one in made:
        archive.mend(one)
        client.post(f"/api/ops/dead-letters/{one.id}/redrive")
    eventually(lambda: client.get("/api/ops/dead-letters").json()["deadLetters"] == [])


def test_figures_change_while_somebody_books(tab: OperationsPage, box_office: BoxOffice) -> None:
    delivered = tab.sink_figure("reporting", "Delivered")
    before = int(delivered.inner_text().replace(",", ""))
    showtime_id = box_office.open_showtime()
    for number in range(1, 8):
        box_office.reserve(showtime_id, ("A", number))
    expect(delivered).to_have_text(f"{before + 10:,}")
    expect(tab.station("commands").locator(".figure")).not_to_have_text("0")
    expect(tab.page.locator('.ways path[data-flow="moving"]')).not_to_have_count(0)
    rate = tab.page.locator('[data-sink="reporting"] .spark').last
    expect(rate).to_have_attribute("aria-label", re.compile("Delivered per second to reporting in the last"))
    tab.expect_state("reporting", "well")


def test_queries_show_at_the_read_service_and_the_cache(tab: OperationsPage, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    sequence = box_office.reserve(showtime_id, ("A", 1))["sequence"]
    for _ in range(5):
        box_office.seen(showtime_id, sequence=sequence)
    tab.expect_state("reads", "well")
    expect(tab.station("cache").locator(".figure")).to_contain_text("%")


def test_what_nobody_carries_is_shown_to_grow_old_and_drains_when_masters_go_on(
    tab: OperationsPage, stack: StackProcess, box_office: BoxOffice
) -> None:
    pending = tab.station("domain-events").locator(".figure")
    with stopped(stack, stack.ports.timers):
        showtime_id = box_office.open_showtime()
        for number in range(1, 5):
            box_office.reserve(showtime_id, ("B", number))
        expect(pending).to_have_text("7")
        expect(tab.sink_figure("domain-events", "Oldest")).not_to_have_text("–")
        tab.expect_state("domain-events", "behind", seconds=40)
        tab.expect_state("outbox", "stuck", seconds=60)
        expect(tab.attention.filter(has_text="No master carries what waits")).to_be_visible()
        expect(tab.page.locator("#announcer")).to_contain_text("Outbox is stuck")
        expect(tab.page.locator('[data-sink="domain-events"] [data-doing="work"]')).not_to_have_count(0)
    expect(pending).to_have_text("0", timeout=60_000)
    tab.expect_state("domain-events", "well")
    tab.expect_state("outbox", "well")
    expect(tab.page.locator("#overall")).to_have_text("all is well")


def test_a_database_of_views_that_hangs_and_is_killed_is_said_and_comes_back(
    tab: OperationsPage, stack: StackProcess
) -> None:
    with stopped(stack, stack.ports.mongo) as pid:
        tab.expect_state("views", "unreachable")
        tab.expect_state("projector", "unknown")
        tab.expect_state("domain-events", "well")
        expect(tab.attention.filter(has_text="MongoDB does not answer")).to_be_visible()
        expect(tab.page.locator(".partitions")).to_contain_text("can't be read")
        os.kill(pid, signal.SIGKILL)
    tab.expect_state("views", "well", seconds=60)
    tab.expect_state("projector", "well")
    expect(tab.attention).to_have_count(0)
    expect(tab.page.locator("#attention")).to_contain_text("Nothing does.")


def test_a_cache_that_hangs_is_said_and_the_rest_goes_on(tab: OperationsPage, stack: StackProcess) -> None:
    with stopped(stack, stack.ports.redis):
        tab.expect_state("cache", "unreachable")
        tab.expect_state("views", "well")
    tab.expect_state("cache", "well")


def test_a_hub_that_hangs_is_told_from_one_that_is_slow(
    tab: OperationsPage, stack: StackProcess, box_office: BoxOffice
) -> None:
    with stopped(stack, stack.ports.event_hubs):
        box_office.open_showtime()
        tab.expect_state("domain-events", "unreachable", seconds=60)
        tab.expect_state("reporting", "well")
        expect(tab.attention.filter(has_text="The hub is down or slow")).to_have_count(1)
    tab.expect_state("domain-events", "well", seconds=60)


def test_a_dead_letter_is_shown_with_its_reason_and_redriven_with_the_keyboard(
    tab: OperationsPage, archive: OccupiedArchive, letter: Callable[..., DeadLetter]
) -> None:
    dead = letter()
    row = tab.letters.filter(has_text=dead.event_id)
    expect(row).to_contain_text("UNIQUE constraint failed")
    expect(row).to_contain_text(f"showtime:{dead.showtime_id} #{dead.sequence}")
    tab.expect_state("reporting", "stuck")
    expect(tab.page.locator("#dead-letter-count")).to_have_text("1")
    expect(tab.page.locator('[data-sink="reporting"] [data-doing="held"]')).to_have_count(1)
    archive.mend(dead)
    tab.page.get_by_role("link", name="Dead letters").focus()
    for key in ("Enter", "Tab", "Tab"):
        tab.page.keyboard.press(key)
    expect(tab.page.get_by_role("button", name=f"Redrive dead letter {dead.id}")).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.letter_notice).to_contain_text(f"reporting goes on with showtime:{dead.showtime_id}")
    expect(tab.letters).to_have_count(0)
    expect(tab.page.locator("#dead-letters-heading")).to_be_focused()
    tab.expect_state("reporting", "well")


def test_a_discard_asks_names_the_event_and_can_be_let_be(
    tab: OperationsPage, letter: Callable[..., DeadLetter]
) -> None:
    dead = letter()
    sent: list[str] = []
    tab.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    tab.page.get_by_role("button", name=f"Discard dead letter {dead.id}").click()
    question = tab.page.get_by_role("dialog", name="Leave this event out?")
    expect(question).to_contain_text(dead.event_id)
    expect(question).to_contain_text("This can't be undone.")
    expect(question.get_by_role("button", name="Keep it")).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    with tab.page.expect_response("**/api/ops/dead-letters?*"):
        pass  # it has looked again since
    expect(tab.letters).to_have_count(1)
    assert sent == []


def test_a_discard_says_which_event_it_means_and_the_gap_is_named(
    tab: OperationsPage, letter: Callable[..., DeadLetter]
) -> None:
    dead = letter()
    tab.page.get_by_role("button", name=f"Discard dead letter {dead.id}").click()
    with tab.page.expect_request("**/discard") as sent:
        tab.page.get_by_role("button", name="Discard it for good").click()
    assert json.loads(sent.value.post_data or "") == {"eventId": dead.event_id}
    expect(tab.letter_notice).to_contain_text(f"Left out for reporting: event {dead.event_id}")
    expect(tab.letters).to_have_count(0)


def test_a_dead_letter_that_is_about_another_event_by_now_is_not_discarded(
    tab: OperationsPage, client: httpx.Client, letter: Callable[..., DeadLetter]
) -> None:
    dead = letter(times=2)
    expect(tab.letters).to_contain_text(dead.event_id)
    tab.page.get_by_role("button", name="Pause").click()
    path = f"/api/ops/dead-letters/{dead.id}"
    assert client.post(f"{path}/discard", json={"eventId": dead.event_id}).is_success
    eventually(lambda: _held_again(client, dead))
    tab.page.get_by_role("button", name=f"Discard dead letter {dead.id}").click()
    tab.page.get_by_role("button", name="Discard it for good").click()
    expect(tab.letter_notice).to_contain_text("about another event by now")
    expect(tab.letters).not_to_contain_text(dead.event_id)


def _held_again(client: httpx.Client, dead: DeadLetter) -> bool:
    letters = client.get("/api/ops/dead-letters").json()["deadLetters"]
    return [one["state"] for one in letters if one["eventId"] != dead.event_id] == ["Held"]


def test_the_reservation_of_a_dead_letter_is_one_click_away(
    tab: OperationsPage, letter: Callable[..., DeadLetter]
) -> None:
    dead = letter()
    tab.letters.get_by_role("link", name="where is this reservation?").click()
    expect(tab.trace).to_contain_text(dead.reservation_id)
    expect(tab.trace).to_contain_text("held behind a dead letter")
    assert tab.page.url.endswith(f"#trace={dead.reservation_id}")


def test_a_trace_shows_each_station_and_its_address_can_be_passed_on(
    browser: Browser, stack: StackProcess, box_office: BoxOffice
) -> None:
    held = box_office.reserve(box_office.open_showtime(), ("A", 1))
    sequence = box_office.confirm(held["reservationId"])["sequence"]
    box_office.seen_reservation(held["reservationId"], sequence=sequence)
    with operations_tab(browser, stack.url) as tab:
        tab.open(f"#trace={held['reservationId']}")
        expect(tab.trace).to_contain_text("Confirmed, version 2")
        expect(tab.trace).to_contain_text("everything is where it belongs")
        confirmed = tab.trace.get_by_role("table", name="reservation confirmed")
        stations = ("outbox", "domain-events", "reservations", "reporting", "EventLog",
                    "reservation's document", "showtime's document")  # fmt: skip
        for place, station in enumerate(stations):
            row = confirmed.locator("tbody tr").nth(place)
            expect(row.get_by_role("rowheader")).to_contain_text(station)
            expect(row).to_have_attribute("data-state", "well")
        expect(confirmed.locator("time")).to_have_count(4)
        expect(confirmed.locator("tr").filter(has_text="reservation's document")).to_contain_text("+")
        expect(tab.trace.locator(".way").first).to_have_attribute(
            "aria-label", re.compile("later in the document: .* in all")
        )
        tab.page.reload()
        expect(tab.page.locator("#trace-id")).to_have_value(held["reservationId"])


@pytest.mark.parametrize(
    "typed", [str(uuid4()), "seat A4", "../pipeline", "%"], ids=["id", "words", "path", "percent"]
)
def test_an_id_that_nobody_has_booked_under_is_said(tab: OperationsPage, typed: str) -> None:
    tab.page.get_by_role("textbox", name="Reservation").fill(typed)
    tab.page.keyboard.press("Enter")
    expect(tab.trace.get_by_role("heading", name="There is no such reservation")).to_be_focused()
    expect(tab.trace).to_contain_text(f"“{typed}”")


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "You are not signed in"), (403, "lacks the Entra role"), (503, "does not answer")],
)
def test_what_the_platform_refuses_is_told_and_looking_goes_on(
    tab: OperationsPage, status: int, words: str
) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=status, body="{}", content_type="application/json")

    tab.page.route(PIPELINE, refuse)
    outage = tab.page.get_by_role("alert")
    expect(outage).to_contain_text(words)
    expect(tab.page.locator("#overall")).to_have_text("no answer")
    expect(tab.page.locator("#picture")).to_have_attribute("data-old", "")
    tab.page.unroute(PIPELINE)
    expect(outage).to_be_hidden()
    expect(tab.page.locator("#overall")).not_to_have_text("no answer")


def test_without_a_gateway_the_age_of_the_last_answer_is_shown(tab: OperationsPage) -> None:
    tab.page.route(PIPELINE, lambda route: route.abort())
    expect(tab.page.get_by_role("alert")).to_contain_text("The gateway can't be reached")
    expect(tab.page.locator("#freshness")).to_have_attribute("data-old", "true")
    tab.page.unroute(PIPELINE)
    expect(tab.page.locator("#freshness")).to_have_attribute("data-old", "false")


def test_a_hidden_page_and_one_without_answers_look_seldom(tab: OperationsPage) -> None:
    pauses = tab.page.evaluate(
        """async () => {
          const {Poll} = await import("/assets/operations_poll.js")
          const poll = new Poll({})
          const seen = [0, 1, 2, 9].map(failures => { poll.failures = failures; return poll.pause })
          Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true})
          poll.failures = 0
          return [...seen, poll.pause]
        }"""
    )
    assert pauses == [1_000, 2_000, 4_000, 15_000, 15_000]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser,
    stack: StackProcess,
    letter: Callable[..., DeadLetter],
    viewport: ViewportSize,
    dark: bool,  # noqa: FBT001 a parameter of the test
) -> None:
    dead = letter()
    with operations_tab(browser, stack.url, viewport=viewport, dark=dark) as tab:
        tab.open(f"#trace={dead.reservation_id}")
        expect(tab.letters).to_have_count(1)
        expect(tab.trace.get_by_role("table")).to_have_count(1)
        tab.page.locator("details.lanes summary").first.click()
        assert violations(tab.page) == []
        width = tab.page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"]
        tab.page.get_by_role("button", name=f"Discard dead letter {dead.id}").click()
        assert violations(tab.page) == []
