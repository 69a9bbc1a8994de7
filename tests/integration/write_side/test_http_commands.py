"""The contract of the commands, as docs and clients know it."""

import json
from typing import Any
from uuid import UUID, uuid4

import azure.functions as func
import pytest

from tests.builders.reservations import HOLD
from tests.fakes.clock import FakeClock
from tests.integration.write_side.function_client import JSON, FunctionClient
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

MOVIE = {"title": "Inception", "runtimeMinutes": 148}
HALL = {"name": "Odeon 1", "rows": [{"row": "A", "seats": 10}]}
SHOWTIME = {"movieId": "tt1375666", "auditoriumId": "odeon-1", "screeningTime": "2026-12-01T15:00:00+01:00"}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def showtime(client: FunctionClient) -> dict[str, Any]:
    client.put("/api/movies/tt1375666", MOVIE)
    client.put("/api/auditoriums/odeon-1", HALL)
    return client.post("/api/showtimes", SHOWTIME).json


def booking(showtime: dict[str, Any], *numbers: int) -> dict[str, Any]:
    return {
        "showtimeId": showtime["showtimeId"],
        "customerId": str(uuid4()),
        "seats": [{"row": "A", "number": number} for number in numbers],
    }


@pytest.fixture
def reservation(client: FunctionClient, showtime: dict[str, Any]) -> dict[str, Any]:
    return client.post("/api/reservations", booking(showtime, 1, 2)).json


def test_a_movie_is_created_then_changed_then_the_same(client: FunctionClient) -> None:
    created, same = (client.put("/api/movies/tt1375666", MOVIE) for _ in range(2))
    assert (created.status, created.headers["etag"]) == (201, '"1"')
    assert created.json == {"movieId": "tt1375666", **MOVIE, "version": 1, "sequence": 1}
    assert (same.status, same.json) == (200, created.json)
    changed = client.put("/api/movies/tt1375666", MOVIE | {"title": "千と千尋"})
    assert (changed.status, changed.json["version"], changed.json["sequence"]) == (200, 2, 2)
    assert changed.json["title"] == "千と千尋"


def test_an_auditorium_is_created_then_the_same(client: FunctionClient) -> None:
    created, same = (client.put("/api/auditoriums/odeon-1", HALL) for _ in range(2))
    assert (created.status, same.status) == (201, 200)
    assert created.json == {"auditoriumId": "odeon-1", **HALL, "version": 1, "sequence": 1}


def test_a_showtime_is_created_with_a_place_to_read_it(client: FunctionClient) -> None:
    client.put("/api/movies/tt1375666", MOVIE)
    client.put("/api/auditoriums/odeon-1", HALL)
    answer = client.post("/api/showtimes", SHOWTIME)
    showtime_id = answer.json["showtimeId"]
    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["location"] == f"/api/showtimes/{showtime_id}?min_sequence=1"
    assert answer.json == {
        "showtimeId": str(UUID(showtime_id)),
        "movieId": "tt1375666",
        "auditoriumId": "odeon-1",
        "screeningTime": "2026-12-01T14:00:00Z",
        "endsAt": "2026-12-01T16:43:00Z",
        "status": "Scheduled",
        "version": 1,
        "sequence": 1,
    }


def test_a_reservation_is_created_with_a_place_to_read_it(
    client: FunctionClient, showtime: dict[str, Any]
) -> None:
    body = booking(showtime, 2, 1)
    answer = client.post("/api/reservations", body)
    reservation_id = answer.json["reservationId"]
    assert (answer.status, answer.headers["etag"]) == (201, '"1"')
    assert answer.headers["location"] == f"/api/reservations/{reservation_id}?min_sequence=2"
    assert answer.json == {
        "reservationId": str(UUID(reservation_id)),
        "showtimeId": body["showtimeId"],
        "customerId": body["customerId"],
        "seats": [{"row": "A", "number": 1}, {"row": "A", "number": 2}],
        "status": "Pending",
        "expiresAt": "2026-12-01T12:10:00Z",
        "version": 1,
        "sequence": 2,
    }


def test_a_reservation_is_confirmed_once_and_then_the_same(
    client: FunctionClient, reservation: dict[str, Any]
) -> None:
    path = f"/api/reservations/{reservation['reservationId']}/confirm"
    first, again = client.post(path), client.post(path, {})
    assert (first.status, first.headers["etag"], "location" in first.headers) == (200, '"2"', False)
    assert first.json == reservation | {"status": "Confirmed", "version": 2, "sequence": 3}
    assert (again.status, again.json) == (200, first.json)


@pytest.mark.parametrize("body", [None, {}, {"reason": "ill"}, {"reason": None}])
def test_a_reservation_is_cancelled_with_or_without_a_reason(
    client: FunctionClient, reservation: dict[str, Any], body: object
) -> None:
    answer = client.post(f"/api/reservations/{reservation['reservationId']}/cancel", body)
    assert (answer.status, answer.json["status"]) == (200, "Cancelled")


def test_taken_seats_are_named(client: FunctionClient, showtime: dict[str, Any]) -> None:
    client.post("/api/reservations", booking(showtime, 1, 2))
    answer = client.post("/api/reservations", booking(showtime, 2, 3))
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, answer.json) == (
        409,
        {
            "type": "/problems/seats-taken",
            "title": "Seats are taken",
            "status": 409,
            "detail": "Seats already taken: A-2",
            "instance": "/api/reservations",
            "seats": [{"row": "A", "number": 2}],
        },
    )


def test_the_showtime_in_the_way_is_named(client: FunctionClient, showtime: dict[str, Any]) -> None:
    answer = client.post("/api/showtimes", SHOWTIME)
    assert (answer.status, answer.json["type"]) == (409, "/problems/showtime-overlap")
    assert answer.json["showtimeId"] == showtime["showtimeId"]


def test_seats_that_a_new_layout_would_orphan_are_named(
    client: FunctionClient, reservation: dict[str, Any]
) -> None:
    answer = client.put("/api/auditoriums/odeon-1", HALL | {"rows": [{"row": "A", "seats": 1}]})
    assert (answer.status, answer.json["type"]) == (409, "/problems/layout-in-use")
    assert answer.json["seats"] == reservation["seats"][1:]


def test_what_does_not_exist_is_named(client: FunctionClient) -> None:
    answer = client.post(f"/api/reservations/{uuid4()}/confirm")
    assert (answer.status, answer.json["type"]) == (404, "/problems/not-found")
    assert answer.json["resource"] == "reservation"


def test_a_late_confirmation_and_one_of_a_cancelled_reservation_are_told_apart(
    client: FunctionClient, showtime: dict[str, Any], clock: FakeClock
) -> None:
    late, cancelled = (
        client.post("/api/reservations", booking(showtime, number)).json["reservationId"] for number in (1, 2)
    )
    client.post(f"/api/reservations/{cancelled}/cancel")
    clock.advance(HOLD)
    types = [client.post(f"/api/reservations/{one}/confirm").json["type"] for one in (late, cancelled)]
    assert types == ["/problems/reservation-expired", "/problems/reservation-cancelled"]


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"1"', 200),
        ("*", 200),
        ('"7", "1"', 200),
        ('"2"', 412),
        ('W/"1"', 412),
        ('"x"', 412),
        ("1", 400),
        ("", 400),
    ],
)
def test_a_command_may_depend_on_the_version_that_was_seen(
    client: FunctionClient, reservation: dict[str, Any], if_match: str, status: int
) -> None:
    path = f"/api/reservations/{reservation['reservationId']}/confirm"
    answer = client.post(path, if_match=if_match)
    assert answer.status == status
    if status == 412:
        assert answer.json["type"] == "/problems/version-mismatch"


def test_a_condition_on_a_movie_that_does_not_exist_fails(client: FunctionClient) -> None:
    assert client.put("/api/movies/tt1375666", MOVIE, if_match="*").status == 412


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (TRACEPARENT, TRACEPARENT),
        ("nonsense", None),
        (TRACEPARENT.upper(), None),
        (TRACEPARENT.replace("00-4", "ff-4"), None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01", None),
    ],
)
def test_a_valid_trace_travels_with_the_event(
    client: FunctionClient, sqlite_database: WriteDatabase, sent: str, kept: str | None
) -> None:
    client.put("/api/movies/tt1375666", MOVIE, traceparent=sent)
    ((_, message),) = sqlite_database.messages()
    assert message.traceparent == kept
    assert json.loads(message.payload).get("traceparent") == kept


def test_json_may_be_declared_with_its_charset(client: FunctionClient) -> None:
    headers = {"content-type": 'Application/JSON; charset="UTF-8"'}
    answer = client.send("PUT", "/api/movies/tt1375666", body=json.dumps(MOVIE).encode(), headers=headers)
    assert answer.status == 201


def test_a_problem_is_told_even_for_an_address_that_makes_no_sense(client: FunctionClient) -> None:
    (route,) = (route for route in client.routes if route.name == "reserve_seats")
    request = func.HttpRequest("POST", "http://[broken/api/reservations", headers=JSON, body=b"{")
    assert route.function(request).status_code == 400
