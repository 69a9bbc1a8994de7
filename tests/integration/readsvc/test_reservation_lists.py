"""ListReservations: a customer's reservations, newest first."""

from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import grpc
import pytest

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from shared.contracts.documents import ReservationDocument
from tests.builders.view_documents import START, a_reservation, a_showtime
from tests.servers.read_service import ReadService, Views, refusal

pytestmark = pytest.mark.integration


def listed(service: ReadService, **fields: Any) -> pb.ListReservationsResponse:
    stub: Any = cast(Any, pb_grpc).CinemaQueryStub(service.channel)
    return stub.ListReservations(pb.ListReservationsRequest(**fields), timeout=10)


def booked(showtime_id: str, *, customer_id: str, minutes: int = 0) -> ReservationDocument:
    created = START - timedelta(days=1) + timedelta(minutes=minutes)
    reservation = a_reservation(showtime_id=showtime_id)
    return reservation.model_copy(update={"customer_id": customer_id, "created_at": created})


def test_a_reservation_is_listed_with_what_its_showtime_says_of_it(
    service: ReadService, views: Views
) -> None:
    customer, showtime = str(uuid4()), a_showtime()
    reservation = booked(showtime.id, customer_id=customer)
    views.project(reservation, showtime, booked(showtime.id, customer_id=str(uuid4())))
    [shown] = listed(service, customer_id=customer.upper()).reservations
    assert (shown.reservation_id, shown.customer_id) == (reservation.id, customer)
    assert (shown.movie_title, shown.auditorium_name) == ("Inception", "Odeon 1")
    assert shown.screening_time.ToJsonString() == "2099-12-01T19:30:00Z"


def test_pages_go_from_new_to_old_though_rows_are_added(service: ReadService, views: Views) -> None:
    """Some were made at the same moment: a page may end between them."""
    customer, showtime = str(uuid4()), a_showtime()
    made = [booked(showtime.id, customer_id=customer, minutes=number // 2) for number in range(5)]
    views.project(showtime, *made)
    seen: list[str] = []
    token = ""
    while True:
        page = listed(service, customer_id=customer, page_size=2, page_token=token)
        seen += [reservation.reservation_id for reservation in page.reservations]
        views.project(booked(showtime.id, customer_id=customer, minutes=60))
        token = page.next_page_token
        if not token:
            break
    assert seen == [r.id for r in sorted(made, key=lambda r: (r.created_at, r.id), reverse=True)]


def test_what_can_not_yet_be_shown_is_left_out_and_the_next_page_is_found(
    service: ReadService, views: Views
) -> None:
    customer, showtime, unborn = str(uuid4()), a_showtime(), a_showtime().model_copy(update={"movie": None})
    early = booked(showtime.id, customer_id=customer)
    orphan = booked(unborn.id, customer_id=customer, minutes=5)
    views.project(showtime, unborn, early, orphan)
    first = listed(service, customer_id=customer, page_size=1)
    assert (list(first.reservations), bool(first.next_page_token)) == ([], True)
    second = listed(service, customer_id=customer, page_size=1, page_token=first.next_page_token)
    assert ([r.reservation_id for r in second.reservations], second.next_page_token) == ([early.id], "")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"customer_id": "x"},
        {"customer_id": str(uuid4()), "page_size": 201},
        {"customer_id": str(uuid4()), "page_size": -1},
        {"customer_id": str(uuid4()), "page_token": "nonsense"},
    ],
)
def test_a_list_that_can_not_be_asked_for_is_refused(service: ReadService, fields: dict[str, Any]) -> None:
    assert refusal(lambda: listed(service, **fields)) is grpc.StatusCode.INVALID_ARGUMENT


def test_a_token_is_valid_for_its_own_customer_alone(service: ReadService, views: Views) -> None:
    customer, showtime = str(uuid4()), a_showtime()
    views.project(showtime, *(booked(showtime.id, customer_id=customer) for _ in range(2)))
    token = listed(service, customer_id=customer, page_size=1).next_page_token
    code = refusal(lambda: listed(service, customer_id=str(uuid4()), page_token=token))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
