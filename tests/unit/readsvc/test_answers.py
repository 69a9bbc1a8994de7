"""What an answer looks like, and what a refusal does."""

import pytest

from readsvc.errors import QueryError
from readsvc.mapping import reservation_answer, showtime_answer, showtime_summary
from readsvc.statuses import STATUS_BY_ERROR
from shared.contracts.documents import ShowtimeDocument
from tests.builders.view_documents import a_reservation, a_showtime

pytestmark = pytest.mark.unit


def test_every_kind_of_refusal_has_a_status() -> None:
    assert set(QueryError.__subclasses__()) == set(STATUS_BY_ERROR)


def test_a_summary_counts_as_the_seat_map_does() -> None:
    document = a_showtime(claims={"A-1": "Held", "A-2": "Free", "Z-1": "Sold"})
    whole, summary = showtime_answer(document), showtime_summary(document)
    assert (summary.free_seats, summary.total_seats) == (whole.free_seats, whole.total_seats) == (4, 5)


def test_a_showtime_that_is_not_yet_to_be_shown_can_not_be_an_answer() -> None:
    with pytest.raises(ValueError, match="not yet to be shown"):
        showtime_answer(ShowtimeDocument.unborn("x"))


def test_a_reservation_tells_of_its_showtime() -> None:
    showtime = a_showtime()
    answer = reservation_answer(a_reservation(showtime_id=showtime.id), showtime=showtime)
    assert (answer.movie_title, answer.auditorium_name) == ("Inception", "Odeon 1")
    assert answer.expires_at.ToJsonString() == "2099-11-30T19:40:00Z"
