"""How requests become queries."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readsvc.errors import InvalidQueryError
from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.page_token import MalformedPageTokenError, Position, decode_page_token, encode_page_token
from readsvc.queries import Period, ShowtimesQuery, showtime_query, showtimes_query
from readsvc.view_store import showtimes_filter

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def listing(zone: str = "UTC", **fields: Any) -> ShowtimesQuery:
    return showtimes_query(pb.ListShowtimesRequest(**fields), zone=ZoneInfo(zone), now=NOW)


def refused_fields(**fields: Any) -> list[str]:
    with pytest.raises(InvalidQueryError) as refused:
        listing(**fields)
    return [violation.field for violation in refused.value.violations]


def test_nothing_asked_for_means_fifty_from_now_on() -> None:
    query = listing()
    assert (query.period, query.page_size, query.movie_id, query.after) == (Period(start=NOW), 50, None, None)


def test_a_date_is_a_day_of_the_cinema_and_a_day_may_have_25_hours() -> None:
    period = listing("Europe/Berlin", date="2026-10-25").period
    assert period.start == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert period.end == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["2026-02-30", "20261201", "2026-W01-1", "tomorrow", "9999-12-31", "٢٠٢٦-01-01"]
)
def test_what_is_no_day_is_refused(date: str) -> None:
    assert refused_fields(date=date) == ["date"]


def test_every_wrong_field_is_named() -> None:
    wrong = refused_fields(date="x", movie_id="x", page_size=201, page_token="!")  # noqa: S106 no secret
    assert wrong == ["date", "movie_id", "page_size", "page_token"]


@pytest.mark.parametrize("text", ["", "x", ID[:-1], ID.replace("-", ""), f"{{{ID}}}", f"{ID}\n"])
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(InvalidQueryError):
        showtime_query(pb.GetShowtimeRequest(showtime_id=text))


def test_an_id_is_the_same_in_capitals() -> None:
    assert showtime_query(pb.GetShowtimeRequest(showtime_id=ID.upper())).document_id == ID


@given(st.text(), st.text(), st.text())
def test_a_token_says_where_its_page_ended(start: str, showtime_id: str, filters: str) -> None:
    position = Position(start, showtime_id)
    assert decode_page_token(encode_page_token(position, filters=filters), filters=filters) == position


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True))
def test_any_other_text_is_no_token(text: str) -> None:
    with pytest.raises(MalformedPageTokenError):
        decode_page_token(text, filters="")


def test_a_token_is_bound_to_its_filters() -> None:
    token = encode_page_token(Position("a", "b"), filters="2026-12-01/")
    with pytest.raises(MalformedPageTokenError):
        decode_page_token(token, filters="2026-12-02/")


def test_a_filter_uses_text_that_sorts_and_continues_after_the_last_row() -> None:
    last = Position("2026-12-01T19:30:00.000000Z", ID)
    token = encode_page_token(last, filters="2026-12-01/tt1375666")
    query = listing(date="2026-12-01", movie_id="tt1375666", page_token=token)
    assert showtimes_filter(query) == {
        "screeningTime": {"$gte": last.moment, "$lt": "2026-12-02T00:00:00.000000Z"},
        "movie.movieId": "tt1375666",
        "$or": [
            {"screeningTime": {"$gt": last.moment}},
            {"screeningTime": last.moment, "_id": {"$gt": ID}},
        ],
    }
