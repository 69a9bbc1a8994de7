"""WatchShowtime through the gateway: server-sent events that a browser's EventSource reads, and resumes."""

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.contracts.documents import SeatClaim, SeatStatus
from shared.contracts.events import SeatRowData
from tests.builders.view_documents import a_showtime
from tests.servers.booked_showtime import BookedShowtime
from tests.servers.envoy import lone_gateway
from tests.servers.process import free_port
from tests.servers.read_service import ReadService, Views, eventually, read_service
from tests.servers.server_sent_events import watching

pytestmark = pytest.mark.integration


@pytest.fixture
def booked(views: Views) -> BookedShowtime:
    return BookedShowtime(views)


def test_the_map_and_each_change_are_events_with_their_sequence_as_id(
    gateway: httpx.Client, booked: BookedShowtime
) -> None:
    with watching(gateway, booked.id) as stream:
        first = next(stream)
        assert (first.id, first.data["fromSequence"], first.data["totalSeats"]) == ("1", 0, 5)
        assert first.retry, "browsers that lost their server are told when to come back"
        history: list[tuple[str, SeatStatus]] = [("A-1", "Held"), ("A-1", "Sold"), ("A-1", "Free")]
        for sequence, (seat, status) in enumerate(history, start=2):
            booked.project(seat, status)
            event = next(stream)
            assert (event.id, event.seats, event.retry) == (str(sequence), {seat: status}, None)


def test_a_browser_that_comes_back_goes_on_where_it_was(
    gateway: httpx.Client, booked: BookedShowtime
) -> None:
    for number in (1, 2, 3):
        booked.project(f"A-{number}", "Sold")
    with watching(gateway, booked.id, query="?after_sequence=3") as stream:
        assert next(stream).seats == {"A-3": "Sold"}
    # It asks for the same URL again, and says what it has: that is newer than what the URL says.
    for query in ("?after_sequence=1", "?afterSequence=1&layout_version=1", "?after%5Fsequence=1", ""):
        with watching(gateway, booked.id, query=query, last_event_id="2") as stream:
            event = next(stream)
            assert (event.data["fromSequence"], event.seats) == (2, {"A-2": "Sold", "A-3": "Sold"})


@pytest.mark.parametrize("last_event_id", ["nonsense", "-1", "1&popcorn=1", "9" * 30])
def test_an_id_that_is_none_of_ours_is_refused(
    gateway: httpx.Client, booked: BookedShowtime, last_event_id: str
) -> None:
    answer = gateway.get(f"/api/showtimes/{booked.id}/watch", headers={"last-event-id": last_event_id})
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


def test_no_other_query_heeds_the_id(gateway: httpx.Client, booked: BookedShowtime) -> None:
    answer = gateway.get(f"/api/showtimes/{booked.id}", headers={"last-event-id": "7"})
    assert answer.json()["sequence"] == 1


def test_an_event_that_comes_in_pieces_has_one_id(gateway: httpx.Client, views: Views) -> None:
    """Of 20,000 seats: more than a megabyte, in many chunks; and then several small events."""
    plain = a_showtime(sequence=1)
    assert plain.auditorium
    rows = tuple(SeatRowData(row=row, seats=1_000) for row in "ABCDEFGHIJKLMNOPQRST")
    large = plain.model_copy(update={"auditorium": plain.auditorium.model_copy(update={"rows": rows})})
    booked = BookedShowtime(views, document=large)
    with watching(gateway, booked.id) as stream:
        first = next(stream)
        assert (first.id, len(first.seats)) == ("1", 20_000)
        for number in range(1, 6):
            booked.project(f"T-{number}", "Sold")
        seen: dict[str, str] = {}
        while len(seen) < 5:
            event = next(stream)
            seen |= event.seats
            assert event.id == str(event.data["toSequence"])
        assert seen == {f"T-{number}": "Sold" for number in range(1, 6)}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/showtimes/x/watch", 400, 3),
        (f"/api/showtimes/{uuid4().hex}/watch", 400, 3),
        ("/api/showtimes/b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4/watch", 404, 5),
        ("/api/showtimes/b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4/watch?after_sequence=x", 400, 3),
        ("/api/showtimes/b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4/watch?popcorn=1", 400, 3),
    ],
    ids=["no id", "no dashes", "unknown", "no sequence", "an unknown parameter"],
)
def test_what_can_not_be_watched_is_a_google_rpc_status_and_no_stream(
    gateway: httpx.Client, path: str, status: int, code: int
) -> None:
    answer = gateway.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/json"


def test_a_view_that_is_behind_is_said_after_a_while(gateway: httpx.Client, booked: BookedShowtime) -> None:
    answer = gateway.get(f"/api/showtimes/{booked.id}/watch?after_sequence=9")
    assert (answer.status_code, answer.json()["code"]) == (504, 4)


def test_a_client_that_goes_away_is_watched_for_no_more(
    gateway: httpx.Client, views: Views, booked: BookedShowtime
) -> None:
    before = views.channels()
    with watching(gateway, booked.id) as stream:
        next(stream)
        eventually(lambda: views.channels() == before + 1)
    eventually(lambda: views.channels() == before)


class Scene:
    """A gateway whose read service goes and comes back on its port."""

    def __init__(self, *, mongo_url: str, redis_url: str, folder: Path) -> None:
        self._urls = {"mongo_url": mongo_url, "redis_url": redis_url}
        self._port = free_port()
        self._folder = folder

    def start(self, processes: ExitStack, **environment: Any) -> ReadService:
        service = read_service(**self._urls, port=self._port, LAME_DUCK_SECONDS=0, **environment)
        return processes.enter_context(service)

    def gateway(self, processes: ExitStack) -> httpx.Client:
        return processes.enter_context(lone_gateway(read_service=self._port, folder=self._folder))


@pytest.fixture
def scene(mongo_url: str, redis_url: str, tmp_path: Path) -> Scene:
    return Scene(mongo_url=mongo_url, redis_url=redis_url, folder=tmp_path)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_read_service_that_went_and_came_back_costs_a_browser_nothing(
    scene: Scene, booked: BookedShowtime, how: signal.Signals
) -> None:
    with ExitStack() as processes:
        gateway = scene.gateway(processes)
        service = scene.start(processes)
        with watching(gateway, booked.id) as stream:
            known = next(stream)
            service.process.send_signal(how)
            with pytest.raises((StopIteration, httpx.HTTPError)):
                next(stream)
        booked.project("A-1", "Held")
        service.process.wait(timeout=10)
        scene.start(processes)
        booked.project("A-2", "Held")
        # A browser gives up for good when it is refused: so who comes back with an id is given the time of a restart.
        with watching(gateway, booked.id, last_event_id=known.id) as stream:
            event = next(stream)
            assert (event.data["fromSequence"], event.seats) == (1, {"A-1": "Held", "A-2": "Held"})
            booked.project("A-3", "Held")
            assert next(stream).seats == {"A-3": "Held"}


def test_a_browser_that_comes_back_too_early_is_kept_waiting(scene: Scene, booked: BookedShowtime) -> None:
    with ExitStack() as processes:
        gateway = scene.gateway(processes)
        first = gateway.get(f"/api/showtimes/{booked.id}/watch")
        assert (first.status_code, first.json()["code"]) == (503, 14), "one who comes anew is told at once"
        request = gateway.build_request(
            "GET", f"/api/showtimes/{booked.id}/watch", headers={"last-event-id": "1"}
        )
        with ThreadPoolExecutor(1) as browsers:
            coming = browsers.submit(gateway.send, request, stream=True)
            scene.start(processes)
            answer = coming.result()
        assert answer.status_code == 200
        answer.close()


def test_a_full_read_service_says_so_and_a_silent_stream_is_kept_alive(
    scene: Scene, booked: BookedShowtime
) -> None:
    with ExitStack() as processes:
        scene.start(processes, MAX_WATCHERS=1, WATCH_HEARTBEAT_SECONDS=0.05)
        gateway = scene.gateway(processes)
        with watching(gateway, booked.id) as stream:
            beats = [next(stream) for _ in range(4)]
            assert [beat.id for beat in beats] == ["1"] * 4
            assert [beat.seats for beat in beats[1:]] == [{}] * 3
            full = gateway.get(f"/api/showtimes/{booked.id}/watch")
            assert (full.status_code, full.json()["code"]) == (429, 8)


def test_a_seat_that_changes_beyond_a_gap_is_in_the_next_resume_too(
    gateway: httpx.Client, views: Views
) -> None:
    claims = {"A-1": SeatClaim(status="Sold", reservation_id=None, seq=5)}
    gap = a_showtime(sequence=3, ahead=(5,)).model_copy(update={"claims": claims})
    views.project(gap)
    with watching(gateway, gap.id, last_event_id="2") as stream:
        event = next(stream)
    assert (event.id, event.seats) == ("3", {"A-1": "Sold"})
    with watching(gateway, gap.id, last_event_id=event.id) as stream:
        assert next(stream).seats == {"A-1": "Sold"}
