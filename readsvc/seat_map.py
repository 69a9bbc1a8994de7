"""A showtime's seats: its layout, and on it the claims of its reservations."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.contracts.documents import SeatStatus, ShowtimeDocument, seat_key
from shared.contracts.events import AuditoriumSnapshot


class MappedSeat(NamedTuple):
    """A seat of the layout, and the sequence of its last change; 0 if there has been none."""

    row: str
    number: int
    status: SeatStatus
    changed: int


def seats_of(document: ShowtimeDocument, *, auditorium: AuditoriumSnapshot) -> Iterator[MappedSeat]:
    """Each seat in the order of the layout's rows; a claim on a seat that the layout lacks counts for nothing."""
    for row in auditorium.rows:
        for number in range(1, row.seats + 1):
            claim = document.claims.get(seat_key(row.row, number))
            yield MappedSeat(row.row, number, claim.status if claim else "Free", claim.seq if claim else 0)
