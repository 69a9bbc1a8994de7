"""Bad input gets a clear error through the whole chain, and never a 5xx."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.box_office import BoxOffice

pytestmark = pytest.mark.e2e

JSON = {"content-type": "application/json"}
NOBODYS_ID = "b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4"
FUTURE = "2099-01-01T20:00:00Z"
SHOWTIME: dict[str, Any] = {"movieId": "tt1375666", "auditoriumId": "odeon-1", "screeningTime": FUTURE}
BOOKING: dict[str, Any] = {
    "showtimeId": str(uuid4()),
    "customerId": str(uuid4()),
    "seats": [{"row": "A", "number": 1}],
}

COMMANDS: dict[str, tuple[str, str, bytes | dict[str, Any], int]] = {
    "malformed json": ("POST", "/api/reservations", b"{", 400),
    "invalid utf-8": ("POST", "/api/reservations", b'{"showtimeId":"\xff"}', 400),
    "an array": ("POST", "/api/reservations", b"[]", 422),
    "no body": ("POST", "/api/reservations", b"", 400),
    "unknown field": ("POST", "/api/reservations", {**BOOKING, "discount": 1}, 422),
    "wrong type": ("POST", "/api/reservations", {**BOOKING, "seats": "A1"}, 422),
    "text for a number": (
        "POST",
        "/api/reservations",
        {**BOOKING, "seats": [{"row": "A", "number": "1"}]},
        422,
    ),
    "a huge number": (
        "POST",
        "/api/reservations",
        {**BOOKING, "seats": [{"row": "A", "number": 10**30}]},
        422,
    ),
    "a true number": ("POST", "/api/reservations", {**BOOKING, "seats": [{"row": "A", "number": True}]}, 422),
    "no seats": ("POST", "/api/reservations", {**BOOKING, "seats": []}, 422),
    "a showtime that is no uuid": ("POST", "/api/reservations", {**BOOKING, "showtimeId": "x"}, 422),
    "an unknown showtime": ("POST", "/api/reservations", BOOKING, 404),
    "a huge body": ("POST", "/api/reservations", b'{"a":"' + b"x" * 200_000 + b'"}', 413),
    "a gigantic body": ("POST", "/api/reservations", b'{"a":"' + b"x" * 3_000_000 + b'"}', 413),
    "an unknown reservation": ("POST", f"/api/reservations/{uuid4()}/confirm", b"", 404),
    "a reservation that is no uuid": ("POST", "/api/reservations/x/cancel", b"", 404),
    "a time without a zone": (
        "POST",
        "/api/showtimes",
        {**SHOWTIME, "screeningTime": "2099-01-01T20:00:00"},
        422,
    ),
    "a showtime in the past": (
        "POST",
        "/api/showtimes",
        {**SHOWTIME, "screeningTime": "2020-01-01T20:00:00Z"},
        422,
    ),
    "no such day": ("POST", "/api/showtimes", {**SHOWTIME, "screeningTime": "2099-02-30T20:00:00Z"}, 422),
    "an unknown movie": ("POST", "/api/showtimes", {**SHOWTIME, "movieId": "tt99999999"}, 404),
    "a movie id that is none": ("PUT", "/api/movies/inception", {"title": "x", "runtimeMinutes": 1}, 422),
    "a runtime of nothing": ("PUT", "/api/movies/tt1375666", {"title": "x", "runtimeMinutes": 0}, 422),
    "an empty title": ("PUT", "/api/movies/tt1375666", {"title": "", "runtimeMinutes": 10}, 422),
    "an unknown path": ("POST", "/api/popcorn", b"{}", 404),
    "a wrong method": ("DELETE", "/api/reservations", b"", 404),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_bad_command_is_refused_with_a_problem(client: httpx.Client, name: str) -> None:
    method, path, body, status = COMMANDS[name]
    content = {"content": body, "headers": JSON} if isinstance(body, bytes) else {"json": body}
    answer = client.request(method, path, **content)  # pyright: ignore[reportArgumentType] # either form is right
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]


def test_a_body_that_is_not_json_is_an_unsupported_media_type(client: httpx.Client) -> None:
    answer = client.post("/api/reservations", content=b"a=1", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/media-type")


@pytest.mark.parametrize(
    ("seats", "status"),
    [
        ([("A", 1), ("A", 1)], 422),
        ([("Z", 1)], 422),
        ([("A", 11)], 422),
        ([("A", 0)], 422),
        ([("A", 1), ("A", 3)], 422),
        ([("A", 10), ("B", 1)], 422),
    ],
)
def test_seats_that_can_not_be_booked_are_refused(
    box_office: BoxOffice, client: httpx.Client, seats: list[tuple[str, int]], status: int
) -> None:
    showtime_id = box_office.open_showtime()
    answer = client.post("/api/reservations", json=box_office.command(showtime_id, seats))
    assert answer.status_code == status, answer.text
    assert answer.json()["type"].startswith("/problems/")


QUERIES = {
    "/api/showtimes/x": 400,
    f"/api/showtimes/{NOBODYS_ID}": 404,
    f"/api/reservations/{NOBODYS_ID}": 404,
    f"/api/showtimes/{NOBODYS_ID}?min_sequence=-1": 400,
    f"/api/showtimes/{NOBODYS_ID}?popcorn=1": 400,
    "/api/showtimes?date=2026-02-30": 400,
    "/api/showtimes?page_size=0x": 400,
    "/api/showtimes?page_size=201": 400,
    "/api/showtimes?page_token=nonsense": 400,
    "/api/popcorn": 404,
}


@pytest.mark.parametrize("path", QUERIES)
def test_a_bad_query_is_answered_with_a_google_rpc_status(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == QUERIES[path], answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert set(answer.json()) >= {"code", "message"}
