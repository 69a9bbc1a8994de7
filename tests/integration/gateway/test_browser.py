"""A browser's EventSource reads a seat map through the gateway, and comes back by itself."""

import json
import shutil
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import pytest

from tests.servers.booked_showtime import BookedShowtime
from tests.servers.envoy import lone_gateway
from tests.servers.read_service import Views, eventually, read_service

pytestmark = [pytest.mark.integration, pytest.mark.full]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = """<!doctype html><script>
const source = new EventSource("%s")
source.onmessage = event => fetch("/seen", {
  method: "POST", body: JSON.stringify({id: event.lastEventId, data: JSON.parse(event.data)})
})
</script>"""


class Seen(ThreadingHTTPServer):
    """Serves a page that watches, and is told by it of each event."""

    def __init__(self, watched: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.watched = watched
        self.events: list[dict[str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Seen  # pyright: ignore[reportIncompatibleVariableOverride] # it is made by no other

    def do_GET(self) -> None:
        self._answer((PAGE % self.server.watched).encode())

    def do_POST(self) -> None:
        self.server.events.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class's name
        del format, args


@contextmanager
def browser(url: str, *, folder: Path) -> Generator[None]:
    """The page is no part of the gateway's origin, so the same-origin policy is off."""
    if CHROMIUM is None:
        pytest.skip("Chromium can't be had: there is none on the PATH")
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-web-security")
    command = (CHROMIUM, *options, f"--user-data-dir={folder}", "--remote-debugging-port=0", url)
    process = Popen(command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def seen_of(watched: str) -> Generator[Seen]:
    page = Seen(watched)
    thread = threading.Thread(target=page.serve_forever)
    thread.start()
    try:
        yield page
    finally:
        page.shutdown()
        thread.join()
        page.server_close()


def test_a_browser_resumes_by_itself_after_the_read_service_was_killed(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    booked = BookedShowtime(views)
    with ExitStack() as parts:
        first = parts.enter_context(read_service(mongo_url=mongo_url, redis_url=redis_url))
        gateway = parts.enter_context(lone_gateway(read_service=first.port, folder=tmp_path))
        page = parts.enter_context(seen_of(f"{gateway.base_url}/api/showtimes/{booked.id}/watch"))
        parts.enter_context(browser(f"http://127.0.0.1:{page.server_port}/", folder=tmp_path / "profile"))
        eventually(lambda: len(page.events) == 1, seconds=60)
        booked.project("A-1", "Sold")
        eventually(lambda: len(page.events) == 2)
        first.process.kill()
        first.process.wait()
        booked.project("A-2", "Sold")
        parts.enter_context(read_service(mongo_url=mongo_url, redis_url=redis_url, port=first.port))
        eventually(lambda: len(page.events) == 3, seconds=30)
        booked.project("A-3", "Sold")
        eventually(lambda: len(page.events) == 4)
    changed = [(seat["row"], seat["number"]) for event in page.events[1:] for seat in event["data"]["seats"]]
    assert [event["id"] for event in page.events] == ["1", "2", "3", "4"]
    assert changed == [("A", 1), ("A", 2), ("A", 3)]
