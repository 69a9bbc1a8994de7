"""The fold from events to facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.reporting_facts import Facts, facts_of
from tests.builders.outbox_messages import BoxOffice, a_message, as_read

pytestmark = pytest.mark.unit


def committed(*messages: NewMessage) -> list[OutboxMessage]:
    return [as_read(message, id=place, lane=0, sequence=place) for place, message in enumerate(messages, 1)]


def seats(facts: Facts, office: BoxOffice) -> tuple[int, int, int]:
    fact = facts.showtimes[office.showtime_id]
    return fact.held, fact.sold, fact.cancelled


def a_history(office: BoxOffice) -> list[NewMessage]:
    kept, given_back, refunded, held = (office.book(seats=count) for count in (1, 2, 3, 4))
    return [
        office.opened(),
        kept.created,
        kept.confirmed,
        given_back.created,
        given_back.cancelled_while_held,
        refunded.created,
        refunded.confirmed,
        refunded.cancelled_when_sold,
        held.created,
    ]


def test_seats_move_from_held_to_sold_to_cancelled() -> None:
    office = BoxOffice()
    booking = office.book(seats=3)
    events = [booking.created, booking.confirmed, booking.cancelled_when_sold]
    story = [seats(facts_of(committed(*events[:length])), office) for length in (1, 2, 3)]
    assert story == [(3, 0, 0), (0, 3, 0), (0, 0, 3)]


def test_a_hold_that_is_given_back_was_never_sold() -> None:
    office = BoxOffice()
    booking = office.book(seats=2)
    assert seats(facts_of(committed(booking.created, booking.cancelled_while_held)), office) == (0, 0, 2)


def test_a_reservation_keeps_its_newest_state_and_all_its_times() -> None:
    booking = BoxOffice().book(seats=1)
    (fact,) = facts_of(
        committed(booking.created, booking.confirmed, booking.cancelled_when_sold)
    ).reservations.values()
    assert (fact.state.status, fact.state.version, fact.reason) == ("Cancelled", 3, "customer")
    assert fact.confirmed_at is not None
    assert fact.cancelled_at is not None


def test_movies_change_no_fact() -> None:
    assert facts_of(committed(a_message())) == Facts()


def test_a_type_of_a_later_release_changes_no_fact() -> None:
    known = BoxOffice().book(seats=1).created
    newer = replace(known, payload=known.payload.replace("created.v1", "created.v9"))
    assert facts_of(committed(newer)) == Facts()


@given(st.data())
def test_the_order_of_events_makes_no_difference(data: st.DataObject) -> None:
    events = committed(*a_history(BoxOffice()))
    shuffled = data.draw(st.permutations(events))
    assert facts_of(shuffled) == facts_of(events)


@given(st.data())
def test_batches_add_up_to_the_whole(data: st.DataObject) -> None:
    office = BoxOffice()
    events = committed(*a_history(office))
    cut = data.draw(st.integers(0, len(events)))
    parts = [facts_of(part) for part in (events[:cut], events[cut:])]
    sums = [sum(figures) for figures in zip(*(seats(p, office) for p in parts if p.showtimes), strict=True)]
    assert tuple(sums) == seats(facts_of(events), office) == (4, 1, 5)
