"""The operators' page as an operator uses it, and what can be done to a stack so that there is something to see."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from sqlalchemy import Executable, delete, insert

from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_tables import event_log
from tests.e2e.box_office import BoxOffice, Seat, eventually
from tests.e2e.pages.complaints import complaints_about
from tests.e2e.stack_process import StackProcess

WAIT_MS = 20_000
STRANGE = '{"of": "another backup"}'
DESKTOP: ViewportSize = {"width": 1440, "height": 900}


@dataclass
class OperationsPage:
    """One tab, with what the browser had to say against the page."""

    page: Page
    url: str
    complaints: list[str]

    @classmethod
    def in_tab(cls, page: Page, url: str) -> "OperationsPage":
        page.set_default_timeout(WAIT_MS)
        return cls(page, url, complaints_about(page))

    def open(self, hash_: str = "") -> "OperationsPage":
        self.page.goto(f"{self.url}/ops{hash_}")
        expect(self.page.locator("#freshness")).to_contain_text("last answer", timeout=WAIT_MS)
        return self

    def station(self, key: str) -> Locator:
        """A station of the picture."""
        return self.page.locator(f'[data-station="{key}"]')

    def expect_state(self, key: str, state: str, *, seconds: float = 20) -> None:
        expect(self.station(key)).to_have_attribute("data-state", state, timeout=seconds * 1000)

    def sink_figure(self, sink: str, title: str) -> Locator:
        """A figure of a sink's panel, by its name."""
        term = self.page.locator(f'[data-sink="{sink}"] .figures div').filter(has_text=title)
        return term.locator("dd")

    @property
    def attention(self) -> Locator:
        return self.page.locator("#attention-list li")

    @property
    def letters(self) -> Locator:
        return self.page.locator("#letters tbody tr")

    @property
    def letter_notice(self) -> Locator:
        return self.page.locator("#letter-notice")

    @property
    def trace(self) -> Locator:
        return self.page.locator("#trace-answer")


@contextmanager
def operations_tab(
    browser: Browser, url: str, *, viewport: ViewportSize = DESKTOP, dark: bool = False
) -> Generator[OperationsPage]:
    """A tab of its own, about which the browser must have had nothing to complain when it is closed."""
    context = browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light")
    tab = OperationsPage.in_tab(context.new_page(), url)
    try:
        yield tab
        assert tab.complaints == []
    finally:
        context.close()


@contextmanager
def stopped(stack: StackProcess, port: int) -> Generator[int]:
    """A part that hangs; it goes on in the end, unless it was killed meanwhile."""
    pid = stack.pid_listening(port)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        if pid in stack.children():
            os.kill(pid, signal.SIGCONT)


@dataclass
class OccupiedArchive:
    """Strange rows in `EventLog`: the reporting sink refuses the event whose place one has taken."""

    stack: StackProcess

    def occupy(self, showtime_id: str, *, sequence: int) -> None:
        row = {
            "EventId": uuid4(),
            "StreamId": f"showtime:{showtime_id}",
            "Sequence": sequence,
            "AggregateType": "Reservation",
            "AggregateId": str(uuid4()),
            "Version": 1,
            "Type": "cinema.reservation.created.v1",
            "Payload": STRANGE,
            "OccurredAt": datetime.now(UTC),
        }
        self._execute(insert(event_log).values(**row))

    def mend(self, letter: "DeadLetter") -> None:
        """What a person does: find out which of two events at a place is right, and take the other one out."""
        self._execute(
            delete(event_log).where(
                event_log.c.StreamId == f"showtime:{letter.showtime_id}", event_log.c.Payload == STRANGE
            )
        )

    def _execute(self, statement: Executable) -> None:
        url = f"sqlite:///{self.stack.state / 'databases' / 'reporting.db'}"
        engine = create_database_engine(url, lock_wait_seconds=5.0, pool_size=1)
        with engine.begin() as connection:
            connection.execute(statement)
        engine.dispose()


@dataclass
class DeadLetter:
    """A dead letter of the reporting sink: the booking of a seat, whose place in the archive is taken `times` over."""

    id: int
    event_id: str
    showtime_id: str
    sequence: int
    reservation_id: str

    @classmethod
    def made(cls, office: BoxOffice, archive: OccupiedArchive, *, times: int = 1) -> "DeadLetter":
        showtime_id = office.open_showtime()
        first = office.reserve(showtime_id, ("A", 1))["sequence"]
        eventually(lambda: _is_archived(office.client))
        for number in range(times):
            archive.occupy(showtime_id, sequence=first + 1 + number)
        seats: list[Seat] = [("A", 2 + number) for number in range(times)]
        reservations = [office.reserve(showtime_id, seat) for seat in seats]
        eventually(lambda: bool(_letters_of(office.client, showtime_id)))
        (letter,) = _letters_of(office.client, showtime_id)
        return cls(
            id=letter["id"],
            event_id=letter["eventId"],
            showtime_id=showtime_id,
            sequence=first + 1,
            reservation_id=reservations[0]["reservationId"],
        )


def _letters_of(client: httpx.Client, showtime_id: str) -> list[dict[str, Any]]:
    letters = client.get("/api/ops/dead-letters").json()["deadLetters"]
    return [letter for letter in letters if letter["streamId"] == f"showtime:{showtime_id}"]


def _is_archived(client: httpx.Client) -> bool:
    sinks = client.get("/api/ops/outbox").json()["sinks"]
    return all(sink["pending"]["count"] == 0 for sink in sinks if sink["sink"] == "reporting")
