"""What the gateway answers to queries is what the OpenAPI document says."""

import json

import httpx
import pytest

from functions.contract.openapi import openapi_document
from tests.builders.view_documents import a_reservation, a_showtime
from tests.integration.write_side.function_client import Answer
from tests.schemas.documented_client import DocumentedClient
from tests.schemas.validation import Schemas
from tests.servers.read_service import Views

pytestmark = pytest.mark.integration

SOME_ID = "b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4"
DOCUMENTED = DocumentedClient([], Schemas({"openapi": openapi_document()}, current="openapi"))


def problems(answer: httpx.Response) -> list[str]:
    operation = DOCUMENTED.operation("GET", answer.request.url.path)
    return DOCUMENTED.problems(
        operation, Answer(answer.status_code, dict(answer.headers.items()), answer.content)
    )


def test_answers_are_as_documented_and_say_nothing_beside_it(gateway: httpx.Client, views: Views) -> None:
    showtime = a_showtime()
    reservation = a_reservation(showtime_id=showtime.id)
    views.project(reservation, showtime)
    schemas = openapi_document()["components"]["schemas"]
    for path, schema in (
        (f"/api/showtimes/{showtime.id}?min_sequence=1", "GetShowtimeResponse"),
        ("/api/showtimes?page_size=1", "ListShowtimesResponse"),
        ("/api/showtimes?date=2001-01-01", "ListShowtimesResponse"),
        (f"/api/reservations/{reservation.id}", "GetReservationResponse"),
        (f"/api/reservations?customer_id={reservation.customer_id}", "ListReservationsResponse"),
        (f"/api/reservations?customer_id={SOME_ID}&page_size=1", "ListReservationsResponse"),
    ):
        answer = gateway.get(path)
        assert (answer.status_code, problems(answer)) == (200, []), path
        assert json.loads(answer.content).keys() == schemas[schema]["properties"].keys()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/showtimes/x", 400),
        ("/api/showtimes?page_size=201", 400),
        ("/api/reservations/x", 400),
        ("/api/reservations", 400),
        ("/api/reservations?customer_id=x&page_token=y", 400),
        ("/api/showtimes/x/watch", 400),
        (f"/api/showtimes/{SOME_ID}/watch", 404),
        (f"/api/showtimes/{SOME_ID}", 404),
        (f"/api/reservations/{SOME_ID}", 404),
        (f"/api/showtimes/{SOME_ID}?min_sequence=1", 504),
    ],
)
def test_refusals_are_as_documented(gateway: httpx.Client, path: str, status: int) -> None:
    answer = gateway.get(path)
    assert (answer.status_code, problems(answer)) == (status, [])
