"""Whoever folds differences has the server's map, whatever was missed, repeated, or came beyond a gap."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readsvc.seat_differences import Difference, Edition
from shared.contracts.documents import SeatClaim, SeatStatus, ShowtimeDocument
from tests.builders.view_documents import a_showtime

pytestmark = pytest.mark.unit

SEATS = ("A-1", "A-2", "A-3", "B-1", "B-2")
STATUSES: tuple[SeatStatus, ...] = ("Free", "Held", "Sold")

Change = tuple[str, SeatStatus]

changes_of_seats = st.lists(
    st.tuples(st.sampled_from(SEATS), st.sampled_from(STATUSES)), min_size=1, max_size=12
)


@dataclass
class Watcher:
    """What a client keeps: a map, and one number."""

    seats: dict[str, SeatStatus] = field(default_factory=dict[str, SeatStatus])
    sequence: int = 0

    def fold(self, difference: Difference) -> None:
        assert difference.from_sequence in {0, self.sequence}
        assert difference.to_sequence >= self.sequence
        if difference.from_sequence == 0:
            self.seats.clear()
        self.seats |= {f"{row}-{number}": status for row, number, status, _ in difference.seats}
        self.sequence = difference.to_sequence


def seat_map(document: ShowtimeDocument) -> dict[str, SeatStatus]:
    return {seat: document.claims[seat].status if seat in document.claims else "Free" for seat in SEATS}


def after(document: ShowtimeDocument, *, sequence: int, change: Change) -> ShowtimeDocument:
    """The document after an event, as the projector folds it: the seat's newest change wins, gaps are remembered."""
    seat, status = change
    claims = dict(document.claims)
    if seat not in claims or claims[seat].seq < sequence:
        claims[seat] = SeatClaim(status=status, reservation_id=None, seq=sequence)
    ahead, contiguous = {*document.ahead, sequence}, document.sequence
    while contiguous + 1 in ahead:
        contiguous += 1
        ahead.remove(contiguous)
    return document.model_copy(
        update={"claims": claims, "sequence": contiguous, "ahead": tuple(sorted(ahead))}
    )


@given(st.data())
def test_a_watcher_that_comes_and_goes_ends_with_the_map(data: st.DataObject) -> None:
    changes = data.draw(changes_of_seats)
    order = data.draw(st.permutations(range(len(changes))))
    document = a_showtime()
    edition, watcher = Edition(document), Watcher()
    watcher.fold(edition.since(0))
    for place in order:
        document = after(document, sequence=place + 2, change=changes[place])
        if data.draw(st.booleans(), label="does the watcher see this edition?"):
            watcher.fold(Edition(document).since(watcher.sequence))
            assert watcher.seats == seat_map(document)
    watcher.fold(Edition(document).since(watcher.sequence))
    assert (watcher.seats, watcher.sequence) == (seat_map(document), len(changes) + 1)


@given(changes_of_seats)
def test_a_difference_holds_the_seats_that_changed_and_no_other(changes: list[Change]) -> None:
    document = a_showtime()
    for sequence, change in enumerate(changes, start=2):
        document = after(document, sequence=sequence, change=change)
    for known in range(1, len(changes) + 2):
        changed = {seat for seat, _ in changes[known - 1 :]}
        difference = Edition(document).since(known)
        assert {f"{row}-{number}" for row, number, _, _ in difference.seats} == changed
        assert difference.free_seats == list(seat_map(document).values()).count("Free")


def test_what_is_beyond_a_gap_is_sent_again_until_the_gap_is_closed() -> None:
    document = after(a_showtime(), sequence=3, change=("A-2", "Sold"))
    beyond = Edition(document).since(1)
    assert ([seat[:3] for seat in beyond.seats], beyond.to_sequence) == ([("A", 2, "Sold")], 1)
    closed = Edition(after(document, sequence=2, change=("A-1", "Held"))).since(beyond.to_sequence)
    assert [seat[:3] for seat in closed.seats] == [("A", 1, "Held"), ("A", 2, "Sold")]
    assert closed.to_sequence == 3


def test_an_older_document_replaces_none() -> None:
    old = a_showtime(sequence=2)
    new = after(old, sequence=3, change=("A-1", "Sold"))
    beyond_a_gap = after(old, sequence=5, change=("A-2", "Sold"))
    assert Edition(new).replaces(Edition(old))
    assert not Edition(old).replaces(Edition(new))
    assert not Edition(new).replaces(Edition(new))
    assert not Edition(new).replaces(Edition(beyond_a_gap)), "it lacks what was shown beyond the gap"
    assert Edition(after(new, sequence=5, change=("A-2", "Sold"))).replaces(Edition(beyond_a_gap))


def test_a_showtime_that_is_not_yet_to_be_shown_has_no_edition() -> None:
    with pytest.raises(ValueError, match="not yet to be shown"):
        Edition(a_showtime().model_copy(update={"auditorium": None}))
