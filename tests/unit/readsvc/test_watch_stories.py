"""Layouts that change, documents that are old, and clients that are cut off: who puts the differences in has the map."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readsvc.seat_differences import Difference, Edition
from shared.contracts.documents import SeatClaim, SeatStatus, ShowtimeDocument, seat_key
from shared.contracts.events import AuditoriumSnapshot, SeatRowData
from tests.builders.view_documents import a_showtime

pytestmark = pytest.mark.unit

EVENTS = 8
SEATS = ("A-1", "A-2", "B-1", "C-1")
"""The last is in the second layout alone, `B-1` in the first alone."""

ROWS = {
    1: (SeatRowData(row="A", seats=2), SeatRowData(row="B", seats=1)),
    2: (SeatRowData(row="A", seats=2), SeatRowData(row="C", seats=1)),
}
Change = tuple[str, SeatStatus]
SeatMap = dict[str, SeatStatus]


def document(changes: list[Change], *, applied: set[int], layout: int) -> ShowtimeDocument:
    """The showtime once some of its events have been applied; the change with the index 0 is event 1."""
    contiguous = next(s for s in range(EVENTS + 1) if s + 1 not in applied)
    claims: dict[str, SeatClaim] = {}
    for sequence in sorted(applied):
        seat, status = changes[sequence - 1]
        claims[seat] = SeatClaim(status=status, reservation_id=None, seq=sequence)
    auditorium = AuditoriumSnapshot(auditorium_id="odeon-1", name="Odeon", rows=ROWS[layout], version=layout)
    return a_showtime(
        sequence=contiguous, ahead=tuple(sorted(s for s in applied if s > contiguous))
    ).model_copy(update={"claims": claims, "auditorium": auditorium})


def seat_map(difference: Difference) -> SeatMap:
    return {seat_key(seat.row, seat.number): seat.status for seat in difference.seats}


@dataclass
class Client:
    """Keeps a map as the proto tells clients to. Reads when it likes, and comes back after it was cut off."""

    seats: SeatMap = field(default_factory=dict[str, SeatStatus])
    told: list[int] = field(default_factory=lambda: [0])
    layout: int = 0
    known: Edition | None = None

    def read(self, edition: Edition) -> None:
        if self.known is None:
            same = self.layout in {0, edition.layout_version}
            difference = edition.since(self.told[-1] if same else 0)
        else:
            difference = edition.after(self.known)
        self.known = edition
        self.put_in(difference)

    def put_in(self, difference: Difference) -> None:
        if not difference.from_sequence:
            self.seats = {}
        self.seats |= seat_map(difference)
        self.told.append(difference.to_sequence)
        self.layout = difference.layout_version

    def cut_off(self) -> None:
        self.known = None


changes = st.lists(
    st.tuples(st.sampled_from(SEATS), st.sampled_from(("Free", "Held", "Sold"))),
    min_size=EVENTS,
    max_size=EVENTS,
)
acts = st.lists(
    st.sampled_from(("apply", "apply", "layout", "stale", "read 0", "read 1", "cut 0", "cut 1")),
    max_size=40,
)


@given(changes, st.permutations(range(1, EVENTS + 1)), acts)
def test_clients_end_with_the_servers_map_and_are_never_led_back(
    changed: list[Change], order: list[int], story: list[str]
) -> None:
    past = [document(changed, applied=set(), layout=1)]
    newest = Edition(past[0])
    clients = (Client(), Client())
    applied: set[int] = set()
    layout = 1
    for act in [*story, "layout", *["apply"] * EVENTS, "read 0", "read 1"]:
        kind, _, who = act.partition(" ")
        if kind == "read":
            clients[int(who)].read(newest)
        elif kind == "cut":
            clients[int(who)].cut_off()
        else:
            applied |= set(order[: len(applied) + 1]) if kind == "apply" else set()
            layout = 2 if kind == "layout" else layout
            past.append(document(changed, applied=applied, layout=layout))
            fetched = Edition(past[len(past) // 2] if kind == "stale" else past[-1])
            newest = fetched if fetched.replaces(newest) else newest
    whole = seat_map(Edition(past[-1]).since(0))
    for client in clients:
        assert client.seats == whole
        assert all(before <= after for before, after in pairwise(client.told))


def test_a_heartbeat_is_empty_and_leads_nowhere() -> None:
    edition = Edition(a_showtime(claims={"A-1": "Held"}, sequence=2, ahead=(4,)))
    heartbeat = edition.after(edition)
    assert (heartbeat.from_sequence, heartbeat.to_sequence, heartbeat.seats) == (2, 2, ())
    assert (heartbeat.free_seats, heartbeat.total_seats) == (4, 5)


def test_before_the_first_event_a_heartbeat_does_not_empty_the_map() -> None:
    edition = Edition(a_showtime(sequence=0, ahead=(2,)))
    assert len(edition.after(edition).seats) == 5
