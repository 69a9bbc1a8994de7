"""Shuffled, repeated and cut histories end in the same documents."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.projections.received_events import ReceivedEvent, parse_event
from shared.application.projections.showtime_fold import fold_showtime
from shared.contracts.documents import ShowtimeDocument, ViewDocument, seat_key
from tests.builders.published_events import NOON, ShowtimeHistory, auditorium_event, movie_event
from tests.unit.projections.projection import Projection, cut, stripped

pytestmark = pytest.mark.unit

Draw = Callable[[st.SearchStrategy[int]], int]
SEATS = [("A", 1), ("A", 2), ("B", 3)]


@st.composite
def histories(draw: Draw) -> list[ReceivedEvent]:
    """What customers did with three seats of one showtime, as its stream tells it."""
    history = ShowtimeHistory()
    history.created(movie_version=draw(st.integers(1, 2)))
    holders: dict[tuple[str, int], tuple[str, str]] = {}
    for step in range(draw(st.integers(0, 12))):
        seat = SEATS[draw(st.integers(0, 2))]
        customer, status = holders.get(seat, (f"c{step}", "free"))
        if status == "free":
            history.held(customer, seat)
            holders[seat] = (customer, "held")
        elif status == "held" and draw(st.integers(0, 1)):
            history.sold(customer, seat)
            holders[seat] = (customer, "sold")
        else:
            history.freed(customer, seat)
            del holders[seat]
    return [*history.events, movie_event(1), movie_event(2), auditorium_event(1), auditorium_event(2)]


def disturbed(history: list[ReceivedEvent], *, seed: int) -> list[ReceivedEvent]:
    chance = random.Random(seed)  # noqa: S311 # hypothesis gives the seed
    repeats = chance.choices(history, k=len(history) // 2)
    shuffled = [*history, *repeats]
    chance.shuffle(shuffled)
    return shuffled


@given(history=histories(), seed=st.integers(0, 2**32), places=st.lists(st.integers(0, 60), max_size=6))
def test_any_order_any_repeats_any_batches_end_the_same(
    history: list[ReceivedEvent], seed: int, places: list[int]
) -> None:
    in_order = Projection().project(*[[event] for event in history]).documents()
    assert Projection().project(*cut(disturbed(history, seed=seed), places)).documents() == in_order


@given(history=histories(), seed=st.integers(0, 2**32), places=st.lists(st.integers(0, 60), max_size=6))
def test_a_redelivered_history_writes_nothing(
    history: list[ReceivedEvent], seed: int, places: list[int]
) -> None:
    projection = Projection().project(history)
    before, saves = projection.store.views["showtimes"].copy(), projection.store.saves
    projection.project(*cut(disturbed(history, seed=seed), places))
    assert (projection.store.views["showtimes"], projection.store.saves) == (before, saves)


@given(history=histories(), seed=st.integers(0, 2**32))
def test_two_projectors_at_once_end_the_same(history: list[ReceivedEvent], seed: int) -> None:
    """A second projector writes between the load and the save of the first, again and again."""
    in_order = Projection().project(history).documents()
    shared = Projection()
    rest = disturbed(history, seed=seed)
    save = shared.store.save
    meddling = iter(disturbed(history, seed=seed + 1))

    def save_after_somebody_else(documents: list[ViewDocument]) -> set[str]:
        shared.store.save = save  # pyright: ignore[reportAttributeAccessIssue] # the fault is injected here
        event = next(meddling, None)
        if event is not None:
            shared.project([event])
        lost = save(documents)
        shared.store.save = save_after_somebody_else  # pyright: ignore[reportAttributeAccessIssue] # as above
        return lost

    shared.store.save = save_after_somebody_else  # pyright: ignore[reportAttributeAccessIssue] # as above
    shared.project(*[[event] for event in rest])
    assert shared.documents() == in_order


def fold_guarded_as_a_whole(document: ShowtimeDocument, event: ReceivedEvent) -> ShowtimeDocument:
    """The guard that looks right and is not: an event older than the document's newest is dropped."""
    parsed = parse_event(event)
    if parsed.sequence <= max((document.sequence, *document.ahead)):
        return document
    return fold_showtime(document, parsed, projected=NOON)


def test_negative_control_a_guard_on_the_whole_document_loses_seats() -> None:
    history = ShowtimeHistory()
    created, first, second = history.created(), history.held("c1", ("A", 1)), history.held("c2", ("A", 2))
    document = ShowtimeDocument.unborn(str(history.showtime_id))
    for event in (created, second, first):
        document = fold_guarded_as_a_whole(document, event)
    assert seat_key("A", 1) not in document.claims
    right = Projection().project([created, second, first]).showtime(history.showtime_id)
    assert {seat_key("A", 1), seat_key("A", 2)} == set(right.claims)
    assert stripped(right) != stripped(document)
