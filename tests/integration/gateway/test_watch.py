"""WatchShowtime through the gateway: server-sent events, and how a browser comes back to them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.builders.view_documents import a_showtime
from tests.integration.gateway.event_stream import Event, events, gateway_before, sold, watching
from tests.servers.read_service import Views, read_service

pytestmark = pytest.mark.integration

SOME_ID = "b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4"


def test_differences_are_events_with_their_sequence_as_id(gateway: httpx.Client, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with watching(gateway, showtime.id) as answer:
        assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
            "text/event-stream",
            "no-cache",
        )
        told = events(answer)
        first = next(told)
        assert (first["id"], len(first["data"]["seats"]), first["data"]["fromSequence"]) == ("1", 5, 0)
        assert 500 <= int(first["retry"]) <= 1500
        views.project(sold(showtime, "A-2", sequence=2))
        second = next(told)
    assert second == {
        "id": "2",
        "data": {
            "fromSequence": 1,
            "toSequence": 2,
            "freeSeats": 4,
            "seats": [{"row": "A", "number": 2, "status": "Sold"}],
            "totalSeats": 5,
            "status": "Scheduled",
            "screeningTime": "2099-12-01T19:30:00Z",
            "layoutVersion": 1,
        },
    }


def test_the_id_of_the_last_event_goes_before_the_address(gateway: httpx.Client, views: Views) -> None:
    showtime = sold(sold(a_showtime(), "A-1", sequence=2), "B-1", sequence=3)
    views.project(showtime)
    headers = {"last-event-id": "2"}
    for query in (
        "",
        "?after_sequence=1",
        "?afterSequence=1&layout_version=1",
        "?layout_version=1&after%5Fsequence=1",
        "?&&after_sequence=",
        "/?after_sequence=1",
    ):
        with gateway.stream("GET", f"/api/showtimes/{showtime.id}/watch{query}", headers=headers) as answer:
            data = next(events(answer))["data"]
        assert (data["fromSequence"], [seat["row"] for seat in data["seats"]]) == (2, ["B"])


def test_a_map_of_many_chunks_is_one_event(gateway: httpx.Client, views: Views) -> None:
    showtime = a_showtime()
    assert showtime.auditorium is not None
    rows = [{"row": chr(65 + row), "seats": 99} for row in range(26)]
    hall = type(showtime.auditorium).model_validate({**showtime.auditorium.model_dump(), "rows": rows})
    showtime = showtime.model_copy(update={"auditorium": hall})
    views.project(showtime)
    with watching(gateway, showtime.id) as answer:
        told = events(answer)
        first = next(told)
        assert (first["id"], len(first["data"]["seats"])) == ("1", 26 * 99)
        views.project(sold(showtime, "Z-99", sequence=2))
        assert next(told)["id"] == "2"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/showtimes/x/watch", 400, 3),
        (f"/api/showtimes/{SOME_ID}/watch?after_sequence=-1", 400, 3),
        (f"/api/showtimes/{SOME_ID}/watch?popcorn=1", 400, 3),
        (f"/api/showtimes/{SOME_ID}/watch", 404, 5),
    ],
)
def test_a_refused_watch_is_a_google_rpc_status(
    gateway: httpx.Client, path: str, status: int, code: int
) -> None:
    answer = gateway.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "odd", ["", "one", "-1", "1.5", "1 2", "2147483648", "1&popcorn=1", "%31", "\xe9", "9" * 5000]
)
def test_an_id_that_was_never_given_is_refused(gateway: httpx.Client, odd: str) -> None:
    headers = [(b"last-event-id", odd.encode("latin-1"))]
    answer = gateway.get(f"/api/showtimes/{SOME_ID}/watch", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 3), answer.text
    assert answer.headers["content-type"] == "application/json"


def test_one_watcher_too_many_is_told_so(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, MAX_WATCHERS=1) as service,
        gateway_before(service.port, folder=tmp_path) as client,
        watching(client, showtime.id) as answer,
    ):
        told = events(answer)  # kept: the answer is closed with it
        next(told)
        refused = client.get(f"/api/showtimes/{showtime.id}/watch")
        assert (refused.status_code, refused.json()["code"]) == (429, 8)


def test_who_comes_back_while_the_read_service_restarts_lacks_nothing_and_hears_nothing_twice(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    """The one who comes back does so before there is a server again, as browsers may, and is not refused."""
    showtime = a_showtime()
    views.project(showtime)
    seen: list[Event] = []
    with ExitStack() as parts, ThreadPoolExecutor() as browser:
        first = parts.enter_context(read_service(mongo_url=mongo_url, redis_url=redis_url))
        client = parts.enter_context(gateway_before(first.port, folder=tmp_path))
        with watching(client, showtime.id) as answer:
            told = events(answer)
            seen.append(next(told))
            showtime = sold(showtime, "A-1", sequence=2)
            views.project(showtime)
            seen.append(next(told))
            first.process.kill()
            with pytest.raises(httpx.HTTPError):
                list(told)
        views.project(sold(showtime, "A-2", sequence=3))

        def come_back() -> Event:
            headers = {"last-event-id": seen[-1]["id"]}
            with watching(client, showtime.id, headers=headers) as answer:
                return next(events(answer))

        back = browser.submit(come_back)
        again = read_service(mongo_url=mongo_url, redis_url=redis_url, port=first.port)
        parts.enter_context(again)
        seen.append(back.result())
    changed = [(seat["row"], seat["number"]) for event in seen[1:] for seat in event["data"]["seats"]]
    assert ([event["id"] for event in seen], changed) == (["1", "2", "3"], [("A", 1), ("A", 2)])
