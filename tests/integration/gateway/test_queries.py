"""GETs become gRPC calls, and each answer JSON of the documented shape."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from tests.builders.view_documents import START, a_reservation, a_showtime
from tests.servers.read_service import Views

pytestmark = pytest.mark.integration

SOME_ID = "b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4"


def test_a_showtime_is_json_with_its_zeros(gateway: httpx.Client, views: Views) -> None:
    taken = {f"{row}-{number}": "Sold" for row, number in (("A", 1), ("A", 2), ("A", 3), ("B", 1), ("B", 2))}
    showtime = a_showtime(claims=taken)  # pyright: ignore[reportArgumentType] # "Sold" is a status
    views.project(showtime)
    answer = gateway.get(f"/api/showtimes/{showtime.id}?min_sequence=1")
    assert answer.headers["content-type"] == "application/json"
    shown = answer.json()
    assert shown.pop("seats")[0] == {"row": "A", "number": 1, "status": "Sold"}
    assert shown == {
        "showtimeId": showtime.id,
        "movie": {"movieId": "tt1375666", "title": "Inception", "runtimeMinutes": 148},
        "auditorium": {"auditoriumId": "odeon-1", "name": "Odeon 1"},
        "screeningTime": "2099-12-01T19:30:00Z",
        "endsAt": "2099-12-01T22:13:00Z",
        "status": "Scheduled",
        "freeSeats": 0,
        "totalSeats": 5,
        "sequence": 1,
    }


def test_a_reservation_is_json(gateway: httpx.Client, views: Views) -> None:
    showtime = a_showtime()
    reservation = a_reservation(showtime_id=showtime.id)
    views.project(reservation, showtime)
    assert gateway.get(f"/api/reservations/{reservation.id}").json() == {
        "reservationId": reservation.id,
        "showtimeId": showtime.id,
        "customerId": reservation.customer_id,
        "seats": [{"row": "A", "number": 1}],
        "status": "Pending",
        "expiresAt": "2099-11-30T19:40:00Z",
        "version": 1,
        "sequence": 2,
        "movieTitle": "Inception",
        "auditoriumName": "Odeon 1",
        "screeningTime": "2099-12-01T19:30:00Z",
    }


def test_a_listing_pages(gateway: httpx.Client, views: Views) -> None:
    movie = "tt5555555"
    views.project(a_showtime(movie_id=movie), a_showtime(movie_id=movie))
    params = {"date": "2099-12-01", "movie_id": movie, "page_size": "1"}
    first = gateway.get("/api/showtimes", params=params).json()
    second = gateway.get("/api/showtimes", params={**params, "page_token": first["nextPageToken"]}).json()
    assert len({page["showtimes"][0]["showtimeId"] for page in (first, second)}) == 2
    assert second["nextPageToken"] == ""
    empty = gateway.get("/api/showtimes", params={"date": "2001-01-01"}).json()
    assert empty == {"showtimes": [], "nextPageToken": ""}


def test_a_customers_reservations_page_from_the_newest_on(gateway: httpx.Client, views: Views) -> None:
    showtime, customer = a_showtime(), str(uuid4())
    older, newer = (
        a_reservation(showtime_id=showtime.id, customer_id=customer, created_at=START - timedelta(days=days))
        for days in (2, 1)
    )
    views.project(showtime, older, newer)
    params = {"customer_id": customer, "page_size": "1"}
    first = gateway.get("/api/reservations", params=params).json()
    second = gateway.get("/api/reservations", params={**params, "page_token": first["nextPageToken"]}).json()
    listed = [reservation for page in (first, second) for reservation in page["reservations"]]
    assert [reservation["reservationId"] for reservation in listed] == [newer.id, older.id]
    assert listed[0] == gateway.get(f"/api/reservations/{newer.id}").json()
    assert second["nextPageToken"] == ""


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/showtimes/x", 400, 3),
        (f"/api/showtimes/{SOME_ID}", 404, 5),
        (f"/api/reservations/{SOME_ID}", 404, 5),
        (f"/api/showtimes/{SOME_ID}?min_sequence=1", 504, 4),
        (f"/api/showtimes/{SOME_ID}?min_sequence=-1", 400, 3),
        (f"/api/showtimes/{SOME_ID}?min_sequence=many", 400, 3),
        (f"/api/showtimes/{SOME_ID}?min_sequence=99999999999", 400, 3),
        (f"/api/showtimes/{SOME_ID}?popcorn=1", 400, 3),
        ("/api/showtimes?date=2026-02-30", 400, 3),
        ("/api/showtimes?page_size=201", 400, 3),
        ("/api/showtimes?page_token=nonsense", 400, 3),
        ("/api/showtimes/a/b/c", 404, 5),
        ("/api/popcorn", 404, 5),
        ("/api/ops/popcorn", 404, 5),
        ("/assets/popcorn.js", 404, 5),
        ("/cinema.read.v1.CinemaQuery/GetShowtime", 404, 5),
    ],
)
def test_a_refused_query_is_a_google_rpc_status(
    gateway: httpx.Client, path: str, status: int, code: int
) -> None:
    answer = gateway.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["message"]


def test_each_wrong_field_is_named(gateway: httpx.Client) -> None:
    [detail] = gateway.get("/api/showtimes?page_size=201&date=x").json()["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert [violation["field"] for violation in detail["fieldViolations"]] == ["date", "page_size"]
