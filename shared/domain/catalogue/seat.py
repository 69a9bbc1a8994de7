"""A seat and how people name it."""

import re
from dataclasses import dataclass

from shared.domain.errors import InvalidValueError

LARGEST_SEAT_NUMBER = 200
_ROW_LABEL = re.compile(r"[A-Z]{1,2}")


def row_label(label: str, *, field: str) -> str:
    """A row's letters, as painted on the floor.

    Raises:
        InvalidValueError: it is not one or two capital letters from A to Z.
    """
    if not _ROW_LABEL.fullmatch(label):
        raise InvalidValueError(field, "must be one or two capital letters from A to Z")
    return label


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """A place in an auditorium: a row and a number within it, from 1. Ordered by row, then number."""

    row: str
    number: int

    def __post_init__(self) -> None:
        row_label(self.row, field="seats")
        if not 1 <= self.number <= LARGEST_SEAT_NUMBER:
            raise InvalidValueError("seats", f"must have numbers from 1 to {LARGEST_SEAT_NUMBER}")

    def __str__(self) -> str:
        return f"{self.row}-{self.number}"
