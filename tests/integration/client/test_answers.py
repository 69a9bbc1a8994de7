"""The client package on the real read service: answers, pages, and what comes instead of an answer."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import uuid4

import pytest

from cinema_client import (
    CinemaClient,
    FieldViolation,
    InvalidQueryError,
    NotFoundError,
    NotReachedError,
    UnavailableError,
)
from tests.builders.view_documents import START, a_reservation, a_showtime
from tests.servers.process import free_port
from tests.servers.read_service import ReadService, Views

pytestmark = pytest.mark.integration


@pytest.fixture
async def cinema(service: ReadService) -> AsyncIterator[CinemaClient]:
    async with CinemaClient(f"127.0.0.1:{service.port}") as client:
        yield client


async def test_a_showtime_and_a_reservation_are_the_messages_of_the_proto(
    cinema: CinemaClient, views: Views
) -> None:
    showtime = a_showtime(claims={"A-1": "Held"}, sequence=2)
    reservation = a_reservation(showtime_id=showtime.id)
    views.project(reservation, showtime)
    shown = await cinema.showtime(showtime.id, min_sequence=2)
    assert (shown.free_seats, shown.seats[0].status) == (4, "Held")
    booked = await cinema.reservation(reservation.id, min_sequence=2)
    assert (booked.status, booked.movie_title) == ("Pending", "Inception")


async def test_a_list_goes_through_all_its_pages(cinema: CinemaClient, views: Views) -> None:
    movie = "tt7654321"
    planned = [a_showtime(movie_id=movie, start=START + timedelta(minutes=minutes)) for minutes in range(5)]
    next_day = a_showtime(movie_id=movie, start=START + timedelta(days=1))
    views.project(*planned, next_day)
    day = cinema.showtimes(on=date(2099, 12, 1), movie_id=movie, page_size=2)
    assert [showtime.showtime_id async for showtime in day] == [showtime.id for showtime in planned]
    coming = cinema.showtimes(movie_id=movie, page_size=2)
    assert [showtime.showtime_id async for showtime in coming] == [
        showtime.id for showtime in (*planned, next_day)
    ]


async def test_what_is_not_there_is_named(cinema: CinemaClient) -> None:
    nothing = str(uuid4())
    with pytest.raises(NotFoundError, match=nothing) as missing:
        await cinema.showtime(nothing)
    assert (missing.value.kind, missing.value.resource_id) == ("showtime", nothing)


async def test_each_field_that_is_wrong_is_named(cinema: CinemaClient) -> None:
    with pytest.raises(InvalidQueryError) as refused:
        await cinema.reservation("x", min_sequence=-1)
    assert refused.value.violations == (
        FieldViolation("reservation_id", "must be a UUID"),
        FieldViolation("min_sequence", "must not be negative"),
    )


async def test_a_sequence_that_is_not_reached_is_named(cinema: CinemaClient, views: Views) -> None:
    showtime = a_showtime(sequence=1)
    views.project(showtime)
    with pytest.raises(NotReachedError) as early:
        await cinema.showtime(showtime.id, min_sequence=2)
    assert early.value.min_sequence == 2


async def test_where_nobody_listens_a_query_is_unavailable() -> None:
    async with CinemaClient(f"127.0.0.1:{free_port()}") as cinema:
        with pytest.raises(UnavailableError):
            await cinema.showtime(str(uuid4()))
