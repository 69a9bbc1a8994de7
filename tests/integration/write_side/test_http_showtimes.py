"""The contract of the commands that move or cancel a showtime."""

from typing import Any
from uuid import uuid4

import pytest

from functions import showtime_cancellation_timer
from shared.bootstrap.write_side import WriteSide
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.integration.write_side.function_client import FunctionClient
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

EVENING = {"screeningTime": "2026-12-01T21:00:00+01:00"}


@pytest.fixture
def side(sqlite_database: WriteDatabase, clock: FakeClock) -> WriteSide:
    return side_on(sqlite_database, clock)


@pytest.fixture
def client(side: WriteSide, monkeypatch: pytest.MonkeyPatch) -> FunctionClient:
    monkeypatch.setattr(showtime_cancellation_timer, "write_side", lambda: side)
    return FunctionClient.serving(side, monkeypatch=monkeypatch)


@pytest.fixture
def showtime(client: FunctionClient) -> dict[str, Any]:
    client.put("/api/movies/tt1375666", {"title": "Inception", "runtimeMinutes": 148})
    client.put("/api/auditoriums/odeon-1", {"name": "Odeon 1", "rows": [{"row": "A", "seats": 10}]})
    body = {"movieId": "tt1375666", "auditoriumId": "odeon-1", "screeningTime": "2026-12-01T14:00:00Z"}
    return client.post("/api/showtimes", body).json


def path_of(showtime: dict[str, Any]) -> str:
    return f"/api/showtimes/{showtime['showtimeId']}"


def reserve(client: FunctionClient, showtime: dict[str, Any], number: int) -> str:
    body = {
        "showtimeId": showtime["showtimeId"],
        "customerId": str(uuid4()),
        "seats": [{"row": "A", "number": number}],
    }
    return client.post("/api/reservations", body).json["reservationId"]


def run_the_timer() -> None:
    function: Any = showtime_cancellation_timer.showtime_cancellation
    function.build(None).get_user_function()(None)


def test_a_showtime_is_moved_once_and_then_the_same(client: FunctionClient, showtime: dict[str, Any]) -> None:
    moved, same = (client.put(path_of(showtime), EVENING) for _ in range(2))
    assert (moved.status, moved.headers["etag"], "location" in moved.headers) == (200, '"2"', False)
    assert moved.json == showtime | {
        "screeningTime": "2026-12-01T20:00:00Z",
        "endsAt": "2026-12-01T22:43:00Z",
        "version": 2,
        "sequence": 2,
    }
    assert (same.status, same.json) == (200, moved.json)


@pytest.mark.parametrize("body", [None, {}, {"reason": "no power"}, {"reason": None}])
def test_a_showtime_is_cancelled_once_and_then_the_same(
    client: FunctionClient, showtime: dict[str, Any], body: object
) -> None:
    first, again = (client.post(f"{path_of(showtime)}/cancel", body) for _ in range(2))
    assert (first.status, first.headers["etag"]) == (200, '"2"')
    assert first.json == showtime | {"status": "Cancelled", "version": 2, "sequence": 2}
    assert (again.status, again.json) == (200, first.json)


def test_the_showtime_in_the_way_of_a_moved_one_is_named(
    client: FunctionClient, showtime: dict[str, Any]
) -> None:
    other = client.post(
        "/api/showtimes", {"movieId": "tt1375666", "auditoriumId": "odeon-1", **EVENING}
    ).json["showtimeId"]
    answer = client.put(path_of(showtime), EVENING)
    assert (answer.status, answer.json["type"]) == (409, "/problems/showtime-overlap")
    assert answer.json["showtimeId"] == other


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "screeningTime"),
        ({"screeningTime": "2026-12-01T11:00:00Z"}, 422, "screeningTime"),
        ({"screeningTime": "2026-12-01T20:00:00"}, 422, "screeningTime"),
        ({**EVENING, "movieId": "tt1375666"}, 422, "movieId"),
    ],
)
def test_a_time_that_will_not_do_is_named(
    client: FunctionClient, showtime: dict[str, Any], body: object, status: int, field: str
) -> None:
    answer = client.put(path_of(showtime), body)
    assert answer.status == status
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize("name", ["b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4", "tonight"])
def test_a_showtime_that_does_not_exist_is_named(client: FunctionClient, name: str) -> None:
    for answer in (
        client.put(f"/api/showtimes/{name}", EVENING),
        client.post(f"/api/showtimes/{name}/cancel", {}),
    ):
        assert (answer.status, answer.json["resource"]) == (404, "showtime")


@pytest.mark.parametrize(("if_match", "status"), [('"1"', 200), ("*", 200), ('"2"', 412), ("1", 400)])
@pytest.mark.parametrize("command", ["reschedule", "cancel"])
def test_a_change_of_a_showtime_may_depend_on_the_version_that_was_seen(
    client: FunctionClient, showtime: dict[str, Any], command: str, if_match: str, status: int
) -> None:
    if command == "reschedule":
        answer = client.put(path_of(showtime), EVENING, if_match=if_match)
    else:
        answer = client.post(f"{path_of(showtime)}/cancel", {}, if_match=if_match)
    assert answer.status == status


def test_a_cancelled_showtime_is_neither_booked_nor_moved(
    client: FunctionClient, showtime: dict[str, Any]
) -> None:
    client.post(f"{path_of(showtime)}/cancel", {})
    booking = {
        "showtimeId": showtime["showtimeId"],
        "customerId": str(uuid4()),
        "seats": [{"row": "A", "number": 1}],
    }
    for answer in (client.post("/api/reservations", booking), client.put(path_of(showtime), EVENING)):
        assert (answer.status, answer.json["type"]) == (409, "/problems/showtime-cancelled")


def test_reservations_of_a_cancelled_showtime_are_answered_alike_before_and_after_the_timer(
    client: FunctionClient, showtime: dict[str, Any]
) -> None:
    held, sold, given_back = (reserve(client, showtime, number) for number in (1, 2, 3))
    client.post(f"/api/reservations/{sold}/confirm")
    client.post(f"{path_of(showtime)}/cancel", {})
    assert client.post(f"/api/reservations/{given_back}/cancel").status == 200

    def confirmation() -> tuple[int, str]:
        answer = client.post(f"/api/reservations/{held}/confirm")
        return answer.status, answer.json["type"]

    assert confirmation() == (409, "/problems/showtime-cancelled")
    run_the_timer()
    assert confirmation() == (409, "/problems/showtime-cancelled")
    answers = [client.post(f"/api/reservations/{one}/cancel") for one in (held, sold, given_back)]
    assert [(answer.status, answer.json["status"]) for answer in answers] == [(200, "Cancelled")] * 3
    assert [answer.json["version"] for answer in answers] == [2, 3, 2], "and no second event"
