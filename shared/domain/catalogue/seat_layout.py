"""Which seats an auditorium has."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from shared.domain.catalogue.seat import LARGEST_SEAT_NUMBER, Seat, row_label
from shared.domain.errors import InvalidValueError

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A row with seats numbered from 1 to `seats`."""

    row: str
    seats: int


@dataclass(frozen=True, slots=True)
class SeatRange:
    """The seats of one row from `first` to `last`, both included."""

    row: str
    first: int
    last: int

    def __contains__(self, seat: Seat) -> bool:
        return seat.row == self.row and self.first <= seat.number <= self.last


@dataclass(frozen=True, slots=True)
class SeatLayout:
    """The rows of an auditorium, from the screen to the back."""

    rows: tuple[SeatRow, ...]

    @classmethod
    def of(cls, rows: Iterable[SeatRow]) -> Self:
        """A layout that an auditorium can have.

        Raises:
            InvalidValueError: no row or too many, a row twice, or a row with no seat or too many.
        """
        layout = cls(tuple(rows))
        if not 1 <= len(layout.rows) <= MOST_ROWS:
            raise InvalidValueError("rows", f"must have from 1 to {MOST_ROWS} rows")
        for position, row in enumerate(layout.rows):
            row_label(row.row, field=f"rows[{position}].row")
            if not 1 <= row.seats <= LARGEST_SEAT_NUMBER:
                raise InvalidValueError(f"rows[{position}].seats", f"must be from 1 to {LARGEST_SEAT_NUMBER}")
        if len({row.row for row in layout.rows}) < len(layout.rows):
            raise InvalidValueError("rows", "must not have the same row twice")
        return layout

    def has(self, seat: Seat) -> bool:
        """Whether the seat exists."""
        return any(row.row == seat.row and seat.number <= row.seats for row in self.rows)

    def lost_in(self, other: "SeatLayout") -> tuple[SeatRange, ...]:
        """The seats of this layout that another one no longer has."""
        kept = {row.row: row.seats for row in other.rows}
        return tuple(
            SeatRange(row.row, first=kept.get(row.row, 0) + 1, last=row.seats)
            for row in self.rows
            if kept.get(row.row, 0) < row.seats
        )
