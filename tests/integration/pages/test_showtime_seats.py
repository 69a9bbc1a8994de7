"""What the booking page shows of a showtime: the server's map, with what the visitor did over it until the map has it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, Route

from functions.pages_http import MEDIA_TYPES
from tests.servers.browser import chromium

pytestmark = [pytest.mark.integration, pytest.mark.full, pytest.mark.timeout(90)]

ASSETS = Path(__file__).parents[3] / "web/assets"
ORIGIN = "http://cinema.test"
FACTS = {"status": "Scheduled", "screeningTime": "2099-12-01T20:00:00Z", "layoutVersion": 1}
STATES = {"Free": "free", "Held": "held", "Sold": "sold"}
FOLD = """async ([showtime, steps]) => {
  const {ShowtimeSeats} = await import("/assets/showtime_seats.js")
  let mine = []
  const seats = new ShowtimeSeats(showtime, () => [...mine])
  for (const step of steps) {
    if (step.difference) seats.take(step.difference)
    if (step.mine) mine = step.mine
    if (step.mark) seats.mark(step.mark)
  }
  return Object.fromEntries(seats.states())
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        opened = browser.new_page()
        opened.route(f"{ORIGIN}/**", from_disk)
        opened.goto(f"{ORIGIN}/")
        yield opened


def from_disk(route: Route) -> None:
    file = ASSETS / route.request.url.rpartition("/")[2]
    if file.suffix in MEDIA_TYPES:
        route.fulfill(body=file.read_bytes(), content_type=MEDIA_TYPES[file.suffix])
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")


class House:
    """The server's side: which seat is in which state, and since which sequence."""

    def __init__(self, *, size: int = 4) -> None:
        self.sequence = 1
        self.seats: dict[int, tuple[str, int]] = dict.fromkeys(range(1, size + 1), ("Free", 0))

    def change(self, number: int, status: str) -> None:
        self.sequence += 1
        self.seats[number] = (status, self.sequence)

    def since(self, sequence: int) -> dict[str, Any]:
        changed = [number for number, (_, at) in self.seats.items() if sequence == 0 or at > sequence]
        return {**FACTS, "fromSequence": sequence, "toSequence": self.sequence, "seats": self._wire(changed)}

    def shown(self) -> dict[str, Any]:
        """As GetShowtime answers."""
        return {**FACTS, "showtimeId": "s", "sequence": self.sequence, "seats": self._wire(self.seats)}

    def _wire(self, numbers: Any) -> list[dict[str, Any]]:
        return [{"row": "A", "number": number, "status": self.seats[number][0]} for number in numbers]


def reservation(status: str, *, sequence: int, number: int = 1, minutes: int = 10) -> dict[str, Any]:
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    seats = [{"row": "A", "number": number}]
    return {"status": status, "sequence": sequence, "seats": seats, "expiresAt": ends.isoformat()}


def states(page: Page, shown: dict[str, Any], *steps: dict[str, Any]) -> dict[str, str]:
    return page.evaluate(FOLD, [shown, list(steps)])


CHANGES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["Free", "Held", "Sold"]), st.booleans()), max_size=12
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, answered_after=st.integers(0, 6))
def test_whatever_is_watched_and_wherever_the_answer_came_in_between_the_map_is_the_servers(
    page: Page, changes: list[tuple[int, str, bool]], answered_after: int
) -> None:
    house = House()
    known = 0
    steps: list[dict[str, Any]] = []
    answer = house.shown()
    for place, (number, status, told) in enumerate([*changes, (1, "Sold", True)]):
        house.change(number, status)
        if place < answered_after:
            answer = house.shown()  # the stream began before: its first differences are older than the answer
        if told:
            steps.append({"difference": house.since(known)})
            known = house.sequence
    expected = {f"A-{number}": STATES[status] for number, (status, _) in house.seats.items()}
    assert states(page, answer, *steps) == expected


def test_what_a_command_was_answered_goes_over_a_map_that_is_behind(page: Page) -> None:
    house = House()
    for status, state in {"Pending": "yours-held", "Confirmed": "yours"}.items():
        mine = [reservation(status, sequence=5)]
        assert states(page, house.shown(), {"mine": mine})["A-1"] == state


def test_a_map_that_has_come_that_far_alone_says_that_a_seat_is_free(page: Page) -> None:
    house = House()
    house.change(1, "Held")
    mine = [reservation("Confirmed", sequence=house.sequence)]
    assert states(page, house.shown(), {"mine": mine})["A-1"] == "yours"
    house.change(1, "Free")  # cancelled elsewhere; this browser has not heard of it
    assert states(page, house.shown(), {"mine": mine})["A-1"] == "free"


def test_a_seat_that_is_given_back_and_held_again_at_once_is_the_visitors(page: Page) -> None:
    mine = [reservation("Pending", sequence=7), reservation("Cancelled", sequence=6)]
    assert states(page, House().shown(), {"mine": mine})["A-1"] == "yours-held"


def test_a_hold_whose_time_is_over_is_nobodys_word_but_the_maps(page: Page) -> None:
    house = House()
    house.change(1, "Held")
    mine = [reservation("Pending", sequence=house.sequence, minutes=-1)]
    assert states(page, house.shown(), {"mine": mine})["A-1"] == "held"


def test_a_refused_seat_is_taken_until_the_stream_speaks_of_it(page: Page) -> None:
    house = House()
    shown, mark = house.shown(), {"mark": [{"row": "A", "number": 1}]}
    assert states(page, shown, mark)["A-1"] == "held"
    house.change(2, "Sold")
    other = {"difference": house.since(1)}
    assert states(page, shown, mark, other)["A-1"] == "held"
    house.change(1, "Held")
    house.change(1, "Free")
    assert states(page, shown, mark, other, {"difference": house.since(2)})["A-1"] == "free"
