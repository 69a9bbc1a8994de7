"""A browser's EventSource reads a seat map through the gateway, and comes back by itself."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.servers.booked_showtime import BookedShowtime
from tests.servers.browser import chromium
from tests.servers.envoy import lone_gateway
from tests.servers.read_service import Views, read_service

pytestmark = [pytest.mark.integration, pytest.mark.full]

WATCH = """path => {
  window.seen = []
  new EventSource(path).onmessage = event => seen.push({id: event.lastEventId, data: JSON.parse(event.data)})
}"""


def seen_events(page: Page, *, count: int, seconds: float = 20) -> list[dict[str, Any]]:
    """What the page has seen, once it is so many events."""
    page.wait_for_function("count => seen.length >= count", arg=count, timeout=seconds * 1000)
    return page.evaluate("seen")


def test_a_browser_resumes_by_itself_after_the_read_service_was_killed(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    booked = BookedShowtime(views)
    with ExitStack() as parts:
        first = parts.enter_context(read_service(mongo_url=mongo_url, redis_url=redis_url))
        gateway = parts.enter_context(lone_gateway(read_service=first.port, folder=tmp_path))
        page = parts.enter_context(chromium()).new_page()
        page.goto(f"{gateway.base_url}/health")  # a document of the gateway's origin, whatever it says
        page.evaluate(WATCH, f"/api/showtimes/{booked.id}/watch")
        seen_events(page, count=1)
        booked.project("A-1", "Sold")
        seen_events(page, count=2)
        first.process.kill()
        first.process.wait()
        booked.project("A-2", "Sold")
        parts.enter_context(read_service(mongo_url=mongo_url, redis_url=redis_url, port=first.port))
        seen_events(page, count=3, seconds=40)
        booked.project("A-3", "Sold")
        events = seen_events(page, count=4)
    changed = [(seat["row"], seat["number"]) for event in events[1:] for seat in event["data"]["seats"]]
    assert [event["id"] for event in events] == ["1", "2", "3", "4"]
    assert changed == [("A", 1), ("A", 2), ("A", 3)]
