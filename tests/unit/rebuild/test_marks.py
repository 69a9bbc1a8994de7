"""When a document covers another: the rule of the switch."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.rebuild.marks import Mark, mark_of
from shared.contracts.documents import ShowtimeDocument
from tests.builders.published_events import ShowtimeHistory, auditorium_event, movie_event
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit

LIVE = Mark(
    id="1", stream_id="showtime:1", version=2, sequence=4, ahead=frozenset({6, 7}), embedded=(("tt1", 3),)
)


@pytest.mark.parametrize(
    "covering",
    [
        LIVE,
        replace(LIVE, sequence=7, ahead=frozenset()),
        replace(LIVE, sequence=6, ahead=frozenset({7, 9})),
        replace(LIVE, version=3, embedded=(("tt1", 4), ("odeon", 1))),
    ],
)
def test_what_has_got_as_far_covers(covering: Mark) -> None:
    assert covering.covers(LIVE)


@pytest.mark.parametrize(
    "behind",
    [
        replace(LIVE, version=1),
        replace(LIVE, sequence=3),
        replace(LIVE, sequence=5, ahead=frozenset({7})),
        replace(LIVE, embedded=(("tt1", 2),)),
    ],
)
def test_what_lacks_anything_does_not(behind: Mark) -> None:
    assert not behind.covers(LIVE)


@given(st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_a_showtime_covers_another_when_it_has_all_of_its_events(mine: set[int], others: set[int]) -> None:
    history = ShowtimeHistory()
    history.created()
    for customer in "abcd":
        history.held(customer, ("A", 1))
    for days in (2, 3):
        history.rescheduled(days=days)
    history.called_off()

    def mark(chosen: set[int]) -> Mark:
        projection = Projection().project([history.events[number] for number in chosen])
        documents = projection.store.load(ShowtimeDocument, [str(history.showtime_id)])
        unborn = ShowtimeDocument.unborn(str(history.showtime_id))
        return mark_of(documents.get(str(history.showtime_id), unborn))

    assert mark(mine).covers(mark(others)) == (others <= mine)


def test_an_embedded_movie_counts() -> None:
    history = ShowtimeHistory()
    older = Projection().project([movie_event(1), auditorium_event(1), history.created()])
    newer = Projection().project([movie_event(2), auditorium_event(1), *history.events])
    old, new = (mark_of(projection.showtime(history.showtime_id)) for projection in (older, newer))
    assert (new.covers(old), old.covers(new)) == (True, False)
