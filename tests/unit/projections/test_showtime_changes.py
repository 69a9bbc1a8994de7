"""What becomes of a showtime's views and answers when it is moved or cancelled."""

from datetime import timedelta

import pytest

from readsvc.mapping import showtime_answer, showtime_summary
from tests.builders.published_events import NOON, ShowtimeHistory
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit


def test_a_moved_showtime_shows_its_new_time_and_keeps_its_seats() -> None:
    history = ShowtimeHistory()
    history.created()
    history.sold("c", ("A", 1))
    history.rescheduled(days=3)
    document = Projection().project(history.events).showtime(history.showtime_id)
    assert (document.screening_time, document.ends_at) == (
        NOON + timedelta(days=3),
        NOON + timedelta(days=3, hours=3),
    )
    assert (document.status, document.version, document.sequence) == ("Scheduled", 2, 3)
    answer = showtime_answer(document)
    assert answer.screening_time.ToDatetime(NOON.tzinfo) == NOON + timedelta(days=3)
    assert (answer.free_seats, answer.total_seats) == (7, 8)


def test_a_cancelled_showtime_says_so_at_once_and_its_seats_are_freed_one_after_another() -> None:
    history = ShowtimeHistory()
    history.created()
    history.held("c", ("A", 1))
    history.called_off()
    projection = Projection().project(history.events)
    answer = showtime_answer(projection.showtime(history.showtime_id))
    assert (answer.status, answer.free_seats) == ("Cancelled", 7)
    projection.project([history.freed("c", ("A", 1))])
    summary = showtime_summary(projection.showtime(history.showtime_id))
    assert (summary.status, summary.free_seats, summary.sequence) == ("Cancelled", 8, 4)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0), (1, 2, 0)])
def test_the_newest_state_of_a_showtime_wins_in_any_order(order: tuple[int, ...]) -> None:
    history = ShowtimeHistory()
    events = [history.created(), history.rescheduled(days=3), history.called_off()]
    document = Projection().project(*[[events[place]] for place in order]).showtime(history.showtime_id)
    assert (document.status, document.version, document.sequence) == ("Cancelled", 3, 3)
    assert document.screening_time == NOON + timedelta(days=3)
