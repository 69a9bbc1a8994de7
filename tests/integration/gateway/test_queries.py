"""GETs become gRPC calls, and each answer JSON of the documented shape."""

import httpx
import pytest

from tests.builders.view_documents import START, a_reservation, a_showtime
from tests.servers.read_service import Views

pytestmark = pytest.mark.integration

SOME_ID = "b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4"
CUSTOMER = "0f6f2c0e-58a1-4b0e-9f4e-9a9f6a1f3c11"


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


def test_the_reservations_of_a_customer_page_newest_first(gateway: httpx.Client, views: Views) -> None:
    showtime = a_showtime()
    older = a_reservation(showtime_id=showtime.id, customer_id=CUSTOMER)
    newer = a_reservation(
        showtime_id=showtime.id, customer_id=CUSTOMER, created_at=START, status="Confirmed", sequence=3
    )
    views.project(older, newer, a_reservation(showtime_id=showtime.id), showtime)
    params = {"customer_id": CUSTOMER.upper(), "page_size": "1"}
    first = gateway.get("/api/reservations", params=params).json()
    second = gateway.get("/api/reservations", params={**params, "page_token": first["nextPageToken"]}).json()
    assert first["reservations"] == [gateway.get(f"/api/reservations/{newer.id}").json()]
    assert second["reservations"] == [gateway.get(f"/api/reservations/{older.id}").json()]
    assert second["nextPageToken"] == ""
    nobody = gateway.get("/api/reservations", params={"customer_id": SOME_ID}).json()
    assert nobody == {"reservations": [], "nextPageToken": ""}


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
        ("/api/reservations", 400, 3),
        ("/api/reservations?customer_id=x", 400, 3),
        (f"/api/reservations?customer_id={SOME_ID}&page_size=-1", 400, 3),
        (f"/api/reservations?customer_id={SOME_ID}&page_token=nonsense", 400, 3),
        (f"/api/reservations?customer_id={SOME_ID}&popcorn=1", 400, 3),
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


def test_each_wrong_field_of_a_list_of_reservations_is_named(gateway: httpx.Client) -> None:
    [detail] = gateway.get("/api/reservations?customer_id=x&page_size=201&page_token=x").json()["details"]
    named = [violation["field"] for violation in detail["fieldViolations"]]
    assert named == ["customer_id", "page_size", "page_token"]
