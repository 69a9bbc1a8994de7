"""The queries over gRPC, on a real Valkey and the MongoDB stand-in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from tests.builders.view_documents import START, a_reservation, a_showtime
from tests.servers.read_service import ReadService, Views, refusal

pytestmark = pytest.mark.integration


def test_a_showtime_has_its_seats_in_the_order_of_the_layout(service: ReadService, views: Views) -> None:
    showtime = a_showtime(claims={"A-2": "Held", "B-1": "Sold", "A-3": "Free", "Z-9": "Sold"})
    views.project(showtime)
    answer = service.get_showtime(showtime.id)
    assert [(seat.row, seat.number, seat.status) for seat in answer.seats] == [
        ("A", 1, "Free"), ("A", 2, "Held"), ("A", 3, "Free"), ("B", 1, "Sold"), ("B", 2, "Free"),
    ]  # fmt: skip
    assert (answer.free_seats, answer.total_seats, answer.sequence) == (3, 5, 1)
    assert (answer.movie.title, answer.auditorium.name, answer.status) == (
        "Inception",
        "Odeon 1",
        "Scheduled",
    )
    assert answer.screening_time.ToJsonString() == "2099-12-01T19:30:00Z"


def test_a_reservation_has_what_its_showtime_says_of_it(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    reservation = a_reservation(showtime_id=showtime.id)
    views.project(reservation, showtime)
    answer = service.get_reservation(reservation.id.upper())
    assert (answer.reservation_id, answer.status, answer.version) == (reservation.id, "Pending", 1)
    assert (answer.movie_title, answer.auditorium_name) == ("Inception", "Odeon 1")
    assert answer.screening_time.ToJsonString() == "2099-12-01T19:30:00Z"


def test_what_is_not_there_or_not_yet_to_be_shown_is_not_found(service: ReadService, views: Views) -> None:
    unborn = a_showtime().model_copy(update={"movie": None})
    orphan = a_reservation(showtime_id=unborn.id)
    views.project(unborn, orphan)
    calls = (
        lambda: service.get_showtime(str(uuid4())),
        lambda: service.get_reservation(str(uuid4())),
        lambda: service.get_showtime(unborn.id),
        lambda: service.get_reservation(orphan.id),
    )
    assert {refusal(call) for call in calls} == {grpc.StatusCode.NOT_FOUND}


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"date": "2026-02-30"}, ["date"]),
        ({"date": "9999-12-31"}, ["date"]),
        ({"page_size": 201}, ["page_size"]),
        (
            {"page_token": "nonsense", "page_size": -1, "movie_id": "x"},
            ["movie_id", "page_size", "page_token"],
        ),
    ],
)
def test_each_field_that_is_wrong_is_named(
    service: ReadService, fields: dict[str, Any], refused: list[str]
) -> None:
    assert violations(lambda: service.list_showtimes(**fields)) == refused


def test_each_wrong_field_of_a_list_of_reservations_is_named(service: ReadService) -> None:
    listing = {"customer_id": "me", "page_size": 201, "page_token": "x"}
    assert violations(lambda: service.list_reservations(**listing)) == [*listing]


def violations(call: Callable[[], object]) -> list[str]:
    """The fields that a refusal names."""
    with pytest.raises(grpc.RpcError) as failure:
        call()
    status = rpc_status.from_call(failure.value)  # pyright: ignore[reportArgumentType, reportUnknownMemberType, reportUnknownVariableType] # untyped package
    assert isinstance(status, status_pb2.Status)
    details = error_details_pb2.BadRequest()
    assert status.details[0].Unpack(details)
    return [violation.field for violation in details.field_violations]


@pytest.mark.parametrize(
    ("showtime_id", "min_sequence"), [("x", 0), ("", 0), ("b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4", -1)]
)
def test_a_showtime_that_can_not_be_asked_for_is_refused(
    service: ReadService, showtime_id: str, min_sequence: int
) -> None:
    code = refusal(lambda: service.get_showtime(showtime_id, min_sequence=min_sequence))
    assert code is grpc.StatusCode.INVALID_ARGUMENT


def test_pages_follow_each_other_though_rows_are_added(service: ReadService, views: Views) -> None:
    movie = "tt7654321"
    planned = [a_showtime(movie_id=movie, start=START + timedelta(hours=h // 2)) for h in range(5)]
    views.project(*planned)
    seen: list[str] = []
    token = ""
    while True:
        page = service.list_showtimes(date="2099-12-01", movie_id=movie, page_size=2, page_token=token)
        seen += [showtime.showtime_id for showtime in page.showtimes]
        views.project(a_showtime(movie_id=movie, start=START - timedelta(hours=1)))
        token = page.next_page_token
        if not token:
            break
    assert seen == [s.id for s in sorted(planned, key=lambda s: (s.screening_time, s.id))]


def test_a_list_without_a_date_starts_now(service: ReadService, views: Views) -> None:
    movie = "tt1111111"
    past = a_showtime(movie_id=movie, start=START - timedelta(days=365 * 90))
    coming = a_showtime(movie_id=movie, claims={"A-1": "Sold"})
    views.project(past, coming)
    [listed] = service.list_showtimes(movie_id=movie).showtimes
    assert (listed.showtime_id, listed.free_seats, listed.total_seats) == (coming.id, 4, 5)


def test_a_token_is_valid_for_its_own_filters_alone(service: ReadService, views: Views) -> None:
    views.project(*[a_showtime(movie_id="tt2222222") for _ in range(2)])
    token = service.list_showtimes(movie_id="tt2222222", page_size=1).next_page_token
    code = refusal(lambda: service.list_showtimes(movie_id="tt3333333", page_token=token))
    assert code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_customers_reservations_come_newest_first_and_page_by_page_though_new_ones_are_made(
    service: ReadService, views: Views
) -> None:
    showtime, customer = a_showtime(), str(uuid4())
    made = [
        a_reservation(
            showtime_id=showtime.id, customer_id=customer, created_at=START - timedelta(days=day // 2)
        )
        for day in range(2, 7)
    ]
    views.project(showtime, *made, a_reservation(showtime_id=showtime.id))
    seen: list[str] = []
    token = ""
    while True:
        page = service.list_reservations(customer_id=customer.upper(), page_size=2, page_token=token)
        seen += [reservation.reservation_id for reservation in page.reservations]
        views.project(a_reservation(showtime_id=showtime.id, customer_id=customer, created_at=START))
        token = page.next_page_token
        if not token:
            break
    assert seen == [r.id for r in sorted(made, key=lambda r: (r.created_at, r.id), reverse=True)]


def test_a_listed_reservation_has_what_its_showtime_says_of_it(service: ReadService, views: Views) -> None:
    showtime, customer = a_showtime(), str(uuid4())
    reservation = a_reservation(showtime_id=showtime.id, customer_id=customer)
    unborn = a_showtime().model_copy(update={"movie": None})
    orphan = a_reservation(showtime_id=unborn.id, customer_id=customer)
    views.project(showtime, reservation, unborn, orphan)
    [listed] = service.list_reservations(customer_id=customer).reservations
    assert (listed.reservation_id, listed.movie_title) == (reservation.id, "Inception")
    assert listed.screening_time.ToJsonString() == "2099-12-01T19:30:00Z"


def test_a_customer_without_reservations_has_an_empty_list(service: ReadService) -> None:
    assert not service.list_reservations(customer_id=str(uuid4())).reservations


def test_a_token_is_valid_for_its_own_customer_alone(service: ReadService, views: Views) -> None:
    showtime, customer = a_showtime(), str(uuid4())
    views.project(showtime, *[a_reservation(showtime_id=showtime.id, customer_id=customer) for _ in range(2)])
    token = service.list_reservations(customer_id=customer, page_size=1).next_page_token
    code = refusal(lambda: service.list_reservations(customer_id=str(uuid4()), page_token=token))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
