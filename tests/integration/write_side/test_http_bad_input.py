"""Whatever is sent, the answer is a problem that says what is wrong, and never that we failed."""

import json
from typing import Any

import pytest

from functions.problems import TITLES
from tests.integration.write_side.function_client import JSON, Answer, FunctionClient

pytestmark = pytest.mark.integration

NOBODY = "3f2c9a4e-8d1b-4c57-9e0a-6b7d1f2a3c4d"
MOVIE: dict[str, Any] = {"title": "Inception", "runtimeMinutes": 148}
HALL: dict[str, Any] = {"name": "Odeon 1", "rows": [{"row": "A", "seats": 10}]}
SHOWTIME: dict[str, Any] = {
    "movieId": "tt1375666",
    "auditoriumId": "odeon-1",
    "screeningTime": "2026-12-01T14:00:00Z",
}
BOOKING: dict[str, Any] = {
    "showtimeId": NOBODY,
    "customerId": NOBODY,
    "seats": [{"row": "A", "number": 1}],
}


@pytest.fixture(autouse=True)
def catalogue(client: FunctionClient) -> None:
    client.put("/api/movies/tt1375666", MOVIE)
    client.put("/api/auditoriums/odeon-1", HALL)


def assert_problem(answer: Answer, *, status: int) -> dict[str, Any]:
    problem = answer.json
    assert (answer.status, problem["status"]) == (status, status), answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].removeprefix("/problems/") in TITLES
    assert set(problem) >= {"type", "title", "status", "detail", "instance"}
    return problem


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "half an object": b"{",
    "a trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "two objects": b"{}{}",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": '{"title":"x"}'.encode("utf-16"),
    "a broken utf-8 sequence": b'{"title":"\xff"}',
    "a surrogate in utf-8": b'{"title":"\xed\xa0\x80","runtimeMinutes":1}',
    "half a surrogate pair": b'{"title":"\\ud800","runtimeMinutes":1}',
    "a raw control character": b'{"title":"a\x00b","runtimeMinutes":1}',
    "a number of five thousand digits": b'{"title":"x","runtimeMinutes":' + b"9" * 5000 + b"}",
    "five thousand brackets": b"[" * 5000,
    "five thousand objects": b'{"a":' * 5000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_not_json_is_malformed(client: FunctionClient, body: bytes) -> None:
    answer = client.send("PUT", "/api/movies/tt1375666", body=body, headers=JSON)
    assert assert_problem(answer, status=400)["type"] == "/problems/malformed"


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1", b"true", b"[{}]"])
def test_json_that_is_no_object_is_not_valid(client: FunctionClient, body: bytes) -> None:
    answer = client.send("POST", "/api/reservations", body=body, headers=JSON)
    assert assert_problem(answer, status=422)["errors"][0]["field"] == "body"


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16",
        "application/jsonp", "multipart/form-data", ";", "application/json; charset=ünknown",
    ],
)  # fmt: skip
def test_a_body_must_be_declared_as_json(client: FunctionClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    for method, path in (("PUT", "/api/movies/tt1375666"), ("POST", f"/api/reservations/{NOBODY}/cancel")):
        answer = client.send(method, path, body=b"{}", headers=headers)
        assert assert_problem(answer, status=415)["type"] == "/problems/media-type"


def test_a_body_has_a_largest_size(client: FunctionClient) -> None:
    limit = 64 * 1024
    body = json.dumps(MOVIE).encode()
    fits = client.send("PUT", "/api/movies/tt1375666", body=body.ljust(limit), headers=JSON)
    assert fits.status == 200
    for path, method in (("/api/movies/tt1375666", "PUT"), (f"/api/reservations/{NOBODY}/confirm", "POST")):
        answer = client.send(method, path, body=body.ljust(limit + 1), headers=JSON)
        assert assert_problem(answer, status=413)["type"] == "/problems/too-large"


NOT_TIMES: list[object] = [
    "2026-12-01T14:00:00", "2026-12-01", "2026-12-01 14:00:00Z", "1764597600", 1764597600, 1764597600.5, True, None,
    "", "now", "2026-02-30T14:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T14:00:60Z", "2026-12-01T14:00Z",
    "2026-12-01T14:00:00+99:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z",
    "10000-01-01T00:00:00Z", "2026-12-01T14:00:00Z\n", "２026-12-01T14:00:00Z", "2026-12-01T14:00:00.1234567Z",
    "2026-W49-2T14:00:00Z", "-2026-12-01T14:00:00Z", [], {},
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_TIMES, ids=str)
def test_a_time_that_names_no_usable_moment_is_refused(client: FunctionClient, value: object) -> None:
    answer = client.post("/api/showtimes", SHOWTIME | {"screeningTime": value})
    assert assert_problem(answer, status=422)["errors"][0]["field"] == "screeningTime"


INVALID: list[tuple[str, str, object, str]] = [
    ("PUT", "/api/movies/inception", MOVIE, "movieId"),
    ("PUT", "/api/movies/tt1375666%0a", MOVIE, "movieId"),
    ("PUT", "/api/movies/tt1375666", {}, "title"),
    ("PUT", "/api/movies/tt1375666", {"title": "x"}, "runtimeMinutes"),
    ("PUT", "/api/movies/tt1375666", MOVIE | {"rating": 5}, "rating"),
    ("PUT", "/api/movies/tt1375666", {"title": "x", "runtime_minutes": 5}, "runtimeMinutes"),
    *[
        ("PUT", "/api/movies/tt1375666", MOVIE | {"title": title}, "title")
        for title in ("", "  ", "a\x00b", "a\nb", "\u202e\u200b", "x" * 201, 5, None, True, ["x"])
    ],
    *[
        ("PUT", "/api/movies/tt1375666", MOVIE | {"runtimeMinutes": minutes}, "runtimeMinutes")
        for minutes in (0, -1, 1441, 2**31, 2**63, 10**30, "148", 148.0, 1.5, True, None, float("nan"), [148])
    ],
    ("PUT", "/api/auditoriums/Odeon", HALL, "auditoriumId"),
    ("PUT", "/api/auditoriums/" + "x" * 41, HALL, "auditoriumId"),
    ("PUT", "/api/auditoriums/odeon-1", HALL | {"name": ""}, "name"),
    ("PUT", "/api/auditoriums/odeon-1", HALL | {"rows": []}, "rows"),
    ("PUT", "/api/auditoriums/odeon-1", HALL | {"rows": {}}, "rows"),
    ("PUT", "/api/auditoriums/odeon-1", HALL | {"rows": [1]}, "rows[0]"),
    ("PUT", "/api/auditoriums/odeon-1", HALL | {"rows": HALL["rows"] * 2}, "rows"),
    ("PUT", "/api/auditoriums/odeon-1", HALL | {"rows": HALL["rows"] * 1000}, "rows"),
    ("PUT", "/api/auditoriums/odeon-1", {"name": "x", "rows": [{"row": "a", "seats": 1}]}, "rows[0].row"),
    ("PUT", "/api/auditoriums/odeon-1", {"name": "x", "rows": [{"row": "A", "seats": 0}]}, "rows[0].seats"),
    ("PUT", "/api/auditoriums/odeon-1", {"name": "x", "rows": [{"row": "A", "seats": "9"}]}, "rows[0].seats"),
    ("POST", "/api/showtimes", SHOWTIME | {"movieId": "x"}, "movieId"),
    ("POST", "/api/showtimes", SHOWTIME | {"movieId": 5}, "movieId"),
    ("POST", "/api/showtimes", SHOWTIME | {"auditoriumId": "\x00"}, "auditoriumId"),
    ("POST", "/api/showtimes", SHOWTIME | {"screeningTime": "2026-12-01T12:00:00Z"}, "screeningTime"),
    *[
        ("POST", "/api/reservations", BOOKING | {"showtimeId": value}, "showtimeId")
        for value in (
            "",
            "x",
            5,
            None,
            NOBODY.replace("-", ""),
            f"{{{NOBODY}}}",
            f"urn:uuid:{NOBODY}",
            f"{NOBODY}\n",
        )
    ],
    ("POST", "/api/reservations", BOOKING | {"customerId": "me"}, "customerId"),
    ("POST", "/api/reservations", BOOKING | {"seats": "A1"}, "seats"),
    ("POST", "/api/reservations", BOOKING | {"seats": [{"row": "A"}]}, "seats[0].number"),
    ("POST", "/api/reservations", BOOKING | {"seats": [{"row": "A", "number": "1"}]}, "seats[0].number"),
    ("POST", "/api/reservations", BOOKING | {"seats": [{"row": "A", "number": True}]}, "seats[0].number"),
    ("POST", "/api/reservations", BOOKING | {"seats": [{"row": "A", "number": 1, "x": 1}]}, "seats[0].x"),
    ("POST", "/api/reservations", BOOKING | {"seats": [{"row": "A", "number": 10**30}]}, "seats"),
    ("POST", "/api/reservations", BOOKING | {"seats": [{"row": "A", "number": -1}]}, "seats"),
    ("POST", "/api/reservations", BOOKING | {"seats": [{"row": "\x00", "number": 1}]}, "seats"),
    ("POST", "/api/reservations", BOOKING | {"x" * 5000: 1}, "x" * 100),
    ("POST", f"/api/reservations/{NOBODY}/confirm", {"force": True}, "force"),
    ("POST", f"/api/reservations/{NOBODY}/cancel", {"note": "ill"}, "note"),
    ("POST", f"/api/reservations/{NOBODY}/cancel", {"reason": 5}, "reason"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), INVALID)
def test_the_field_that_is_wrong_is_named(
    client: FunctionClient, method: str, path: str, body: object, field: str
) -> None:
    answer = client.send(method, path, body=json.dumps(body).encode(), headers=JSON)
    problem = assert_problem(answer, status=422)
    assert problem["type"] == "/problems/validation"
    assert field in [error["field"] for error in problem["errors"]]
    assert all(error["message"] for error in problem["errors"])


@pytest.mark.parametrize(
    "seats",
    [
        [], [("A", 1), ("A", 1)], [("A", 1), ("A", 3)], [("Z", 1)], [("A", 11)], [("A", 200)],
        [("A", number) for number in range(1, 6)], [("A", number % 200 + 1) for number in range(1000)],
    ],
    ids=len,
)  # fmt: skip
def test_seats_that_can_not_be_booked_are_refused(
    client: FunctionClient, seats: list[tuple[str, int]]
) -> None:
    showtime_id = client.post("/api/showtimes", SHOWTIME).json["showtimeId"]
    chosen = [{"row": row, "number": number} for row, number in seats]
    answer = client.post("/api/reservations", BOOKING | {"showtimeId": showtime_id, "seats": chosen})
    assert assert_problem(answer, status=422)["errors"][0]["field"] == "seats"


@pytest.mark.parametrize("blank", ["", " ", "\x00", "x" * 501])
def test_a_reason_that_nobody_could_read_is_refused(client: FunctionClient, blank: str) -> None:
    showtime_id = client.post("/api/showtimes", SHOWTIME).json["showtimeId"]
    held = client.post("/api/reservations", BOOKING | {"showtimeId": showtime_id}).json["reservationId"]
    answer = client.post(f"/api/reservations/{held}/cancel", {"reason": blank})
    assert assert_problem(answer, status=422)["errors"][0]["field"] == "reason"


UNKNOWN: list[tuple[str, object, str]] = [
    ("/api/showtimes", SHOWTIME | {"movieId": "tt0000001"}, "movie"),
    ("/api/showtimes", SHOWTIME | {"auditoriumId": "odeon-9"}, "auditorium"),
    ("/api/reservations", BOOKING, "showtime"),
    *[
        (f"/api/reservations/{name}/{verb}", None, "reservation")
        for name in (NOBODY, "x", "%00", "0" * 5000, NOBODY.replace("-", ""), "..", "null", "千")
        for verb in ("confirm", "cancel")
    ],
]


@pytest.mark.parametrize(("path", "body", "resource"), UNKNOWN, ids=lambda value: str(value)[:60])
def test_what_nobody_knows_is_not_found(
    client: FunctionClient, path: str, body: object, resource: str
) -> None:
    problem = assert_problem(client.post(path, body), status=404)
    assert (problem["type"], problem["resource"]) == ("/problems/not-found", resource)
    assert len(problem["detail"]) < 200


def test_a_body_with_countless_mistakes_is_told_the_first_few(client: FunctionClient) -> None:
    answer = client.post("/api/reservations", {f"x{number}": 1 for number in range(1000)})
    assert len(assert_problem(answer, status=422)["errors"]) == 20
