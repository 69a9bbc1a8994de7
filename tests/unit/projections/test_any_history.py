"""Across streams: any order, repeats, starting point, company and faults end in what is true."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.projections.received_events import ReceivedEvent
from tests.unit.projections.cinema_histories import facts_in, histories, truth_of
from tests.unit.projections.interrupted_stores import (
    Faults,
    Interrupt,
    TakingTurns,
    project_with_retries,
)
from tests.unit.projections.projection import Projection, cut

pytestmark = pytest.mark.unit

Batches = list[Sequence[ReceivedEvent]]

POISON = [
    ReceivedEvent(body=body, partition="9", position=position, published=None)
    for position, body in enumerate((b"", b"\xff", b'{"specversion":"1.0"}'))
]


@st.composite
def deliveries(draw: st.DrawFn, history: list[ReceivedEvent]) -> Batches:
    """A history in any order, with repeats and poison in between, cut into batches."""
    repeats = draw(st.lists(st.sampled_from(history), max_size=8))
    poison = draw(st.lists(st.sampled_from(POISON), max_size=2))
    shuffled = draw(st.permutations([*history, *repeats, *poison]))
    return cut(shuffled, draw(st.lists(st.integers(0, 60), max_size=6)))


@st.composite
def delivered_histories(draw: st.DrawFn, *, consumers: int = 1) -> tuple[list[ReceivedEvent], list[Batches]]:
    """A history, and how each of some consumers is given all of it."""
    history = draw(histories())
    return history, [draw(deliveries(history)) for _ in range(consumers)]


def poison_in(batches: Sequence[Batches]) -> set[bytes]:
    bodies = {event.body for consumer in batches for batch in consumer for event in batch}
    return bodies & {event.body for event in POISON}


def parked(projection: Projection) -> set[bytes]:
    return {event.received.body for event in projection.parking.parked}


def everything(projection: Projection) -> object:
    """What is true, and that no document says that something is missing."""
    assert all(document.gap_since is None and document.ahead == () for document in projection.showtimes())
    return facts_in(projection.store.views)


@given(delivered_histories())
def test_any_order_ends_in_what_is_true(
    delivered: tuple[list[ReceivedEvent], list[Batches]],
) -> None:
    history, (batches,) = delivered
    projection = Projection().project(*batches)
    assert everything(projection) == truth_of(history)
    assert parked(projection) == poison_in([batches])


@given(delivered_histories(consumers=2), st.integers(0, 20))
def test_any_starting_point_ends_in_what_is_true(
    delivered: tuple[list[ReceivedEvent], list[Batches]], before: int
) -> None:
    """A consumer that begins anew, behind one that was given a part in another order."""
    history, (first, second) = delivered
    projection = Projection().project(*first[:before], *second)
    assert everything(projection) == truth_of(history)


@given(delivered_histories(), st.sets(st.integers(0, 120), max_size=25))
def test_outages_at_any_step_change_nothing_in_the_end(
    delivered: tuple[list[ReceivedEvent], list[Batches]], outages: set[int]
) -> None:
    history, (batches,) = delivered
    projection = Projection()
    project_with_retries(projection, batches, interrupt=Faults(outages))
    assert everything(projection) == truth_of(history)
    assert parked(projection) == poison_in([batches])


@given(delivered_histories(consumers=2), st.lists(st.integers(0, 1), max_size=200))
def test_two_projectors_that_meet_at_every_step_end_in_what_is_true(
    delivered: tuple[list[ReceivedEvent], list[Batches]], schedule: list[int]
) -> None:
    history, consumers = delivered
    projection = Projection()

    def consumer(batches: Batches, interrupt: Interrupt) -> None:
        project_with_retries(projection, batches, interrupt=interrupt)

    first, second = consumers
    TakingTurns(schedule).run(
        lambda interrupt: consumer(first, interrupt), lambda interrupt: consumer(second, interrupt)
    )
    assert everything(projection) == truth_of(history)
    assert parked(projection) == poison_in(consumers)


@given(
    delivered_histories(),
    st.lists(st.integers(0, 1), max_size=200),
    st.integers(0, 60),
    st.sets(st.integers(0, 80), max_size=10),
)
def test_two_projectors_that_share_a_history_and_fail_end_in_what_is_true(
    delivered: tuple[list[ReceivedEvent], list[Batches]],
    schedule: list[int],
    share: int,
    outages: set[int],
) -> None:
    """Each has what the other has not: the catalogue's side and the showtimes' side meet in the store alone."""
    history, (batches,) = delivered
    projection = Projection()

    def consumer(mine: Batches, interrupt: Interrupt) -> None:
        faults = Faults(outages)

        def turn_then_fault() -> None:
            interrupt()
            faults()

        project_with_retries(projection, mine, interrupt=turn_then_fault)

    flat = [event for batch in batches for event in batch]
    halves = flat[: share % (len(flat) + 1)], flat[share % (len(flat) + 1) :]
    first, second = (cut(half, [3, 7, 11]) for half in halves)
    TakingTurns(schedule).run(
        lambda interrupt: consumer(first, interrupt), lambda interrupt: consumer(second, interrupt)
    )
    assert everything(projection) == truth_of(history)
