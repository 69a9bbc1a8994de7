"""What the operators' page makes of a look: the state of each station, rates, and what each lane is doing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from shared.application.outbox.operations_documents import LaneBackoffDocument, LaneLeaseDocument
from tests.integration.pages.looked_at import NOON, a_look, a_projector, a_sink, page_over
from tests.servers.browser import chromium

pytestmark = [pytest.mark.integration, pytest.mark.full]

LEASE = LaneLeaseDocument(lane=5, owner="host:1:abc", ends_at=NOON + timedelta(seconds=12), epoch=7)
BACKOFF = LaneBackoffDocument(lane=6, failures=3, next_attempt_at=NOON + timedelta(seconds=4))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.mark.parametrize(("seconds", "state"), [(0.5, "well"), (11, "behind"), (61, "stuck")])
def test_a_sink_is_judged_by_the_age_of_what_waits(browser: Browser, seconds: float, state: str) -> None:
    with page_over(browser, a_look(a_sink(pending=3, oldest_seconds=seconds, leases=[LEASE]))) as page:
        page.expect_state("reporting", state)
        page.expect_state("domain-events", "well")


def test_a_sink_that_failed_since_it_last_took_something_is_unreachable(browser: Browser) -> None:
    failing = a_sink(pending=3, oldest_seconds=2, backoffs=[BACKOFF])
    with page_over(browser, a_look(failing)) as page:
        page.expect_state("reporting", "unreachable")
        expect(page.station("reporting")).to_contain_text("3 attempts in a row failed")
        expect(page.page.locator("#attention")).to_contain_text("The reporting database is down or slow")


def test_a_sink_that_takes_again_is_well(browser: Browser) -> None:
    failing = a_look(a_sink(pending=3, oldest_seconds=2, backoffs=[BACKOFF], delivered=1))
    taking = a_look(a_sink(pending=2, oldest_seconds=3, delivered=2), after_seconds=1)
    with page_over(browser, failing, taking) as page:
        page.expect_state("reporting", "well")


def test_a_sink_that_is_tried_and_takes_nothing_is_unreachable_though_no_attempt_has_ended(
    browser: Browser,
) -> None:
    looks = [
        a_look(a_sink(pending=3, oldest_seconds=15 + after, leases=[LEASE], delivered=9), after_seconds=after)
        for after in (0, 12)
    ]
    with page_over(browser, *looks) as page:
        page.expect_state("reporting", "unreachable")
        expect(page.station("reporting")).to_contain_text("nothing was delivered for 12 s")


def test_without_a_lease_anywhere_it_is_the_masters_that_are_missing(browser: Browser) -> None:
    with page_over(browser, a_look(a_sink(pending=3, oldest_seconds=15))) as page:
        page.expect_state("outbox", "stuck")
        page.expect_state("reporting", "behind")


@pytest.mark.parametrize(("quickest", "state"), [(0.1, "well"), (11, "behind"), (61, "stuck")])
def test_the_outbox_is_judged_by_the_sink_that_waits_least(
    browser: Browser, quickest: float, state: str
) -> None:
    names = ("domain-events", "reservations", "reporting")
    ages = (70, 80, quickest)
    sinks = [
        a_sink(name, pending=1, oldest_seconds=age, leases=[LEASE])
        for name, age in zip(names, ages, strict=True)
    ]
    with page_over(browser, a_look(*sinks)) as page:
        page.expect_state("outbox", state)


def test_what_is_to_be_done_about_several_parts_is_said_once(browser: Browser) -> None:
    failing = [
        a_sink(name, pending=1, oldest_seconds=2, backoffs=[BACKOFF])
        for name in ("domain-events", "reservations")
    ]
    with page_over(browser, a_look(*failing)) as page:
        items = page.page.locator("#attention-list li")
        expect(items).to_have_count(2)
        expect(items.filter(has_text="The hub is down or slow")).to_have_count(1)


@pytest.mark.parametrize(("seconds", "state"), [(0, "well"), (11, "behind"), (61, "stuck")])
def test_the_projector_is_judged_by_its_lag(browser: Browser, seconds: float, state: str) -> None:
    with page_over(browser, a_look(projector=a_projector(lag_seconds=seconds))) as page:
        page.expect_state("projector", state)


def test_parked_events_wait_for_a_person(browser: Browser) -> None:
    with page_over(browser, a_look(projector=a_projector(parked=2))) as page:
        page.expect_state("projector", "stuck")
        expect(page.page.locator("#attention")).to_contain_text("2 events parked")


@pytest.mark.parametrize(("seconds", "state"), [(3, "behind"), (61, "stuck")])
def test_a_gap_is_a_matter_for_the_filler_until_it_is_old(
    browser: Browser, seconds: float, state: str
) -> None:
    with page_over(browser, a_look(projector=a_projector(gap_seconds=seconds))) as page:
        page.expect_state("gaps", state)


def test_a_rate_is_the_difference_of_two_looks_over_their_moments(browser: Browser) -> None:
    looks = [a_look(a_sink(delivered=100)), a_look(a_sink(delivered=150), after_seconds=8)]
    with page_over(browser, *looks) as page:
        expect(page.station("reporting")).to_contain_text("6.3")
        expect(page.station("commands").locator(".figure")).to_have_text("6.3")


def test_the_hit_rate_is_that_of_the_last_minute(browser: Browser) -> None:
    looks = [a_look(hits=1000, misses=0), a_look(hits=1003, misses=1, after_seconds=30)]
    with page_over(browser, *looks) as page:
        expect(page.station("cache").locator(".figure")).to_have_text("75 %")
        page.expect_state("reads", "well")


def test_what_was_seen_of_another_database_is_forgotten(browser: Browser) -> None:
    looks = [a_look(a_sink(delivered=100), after_seconds=60), a_look(a_sink(delivered=5))]
    with page_over(browser, *looks) as page:
        expect(page.sink("reporting")).to_contain_text("Delivered5")
        expect(page.station("commands").locator(".figure")).to_have_text("–")


def test_more_than_can_be_counted_is_told_as_at_least(browser: Browser) -> None:
    with page_over(browser, a_look(a_sink(pending=100_000, exact=False, oldest_seconds=1))) as page:
        expect(page.station("reporting").locator(".figure")).to_have_text("≥ 100,000")


def test_each_lane_is_shown_and_told_in_words(browser: Browser) -> None:
    sink = a_sink(
        pending=9, oldest_seconds=1, work_in=[5, 6, 8], held_in=[7], leases=[LEASE], backoffs=[BACKOFF]
    )
    with page_over(browser, a_look(sink)) as page:
        lanes = page.sink("reporting").locator(".strip .lane")
        expect(lanes).to_have_count(64)
        shown = {5: "leased", 6: "backing-off", 7: "held", 8: "work", 9: "idle"}
        for lane, doing in shown.items():
            expect(lanes.nth(lane)).to_have_attribute("data-doing", doing)
        expect(lanes.nth(5)).to_have_text("A")
        summary = page.sink("reporting").locator("summary")
        expect(summary).to_have_text(
            "64 lanes: 1 leased, 1 backing off, 1 a stream held, 1 with work, 60 idle"
        )
        summary.click()
        rows = page.sink("reporting").locator("tbody tr")
        expect(rows.nth(0)).to_contain_text("leased by host:1:abc for 12 s, epoch 7")
        expect(rows.nth(1)).to_contain_text("failed 3 times in a row, tried again in 4.0 s")
        expect(rows.nth(4)).to_contain_text("all others")
