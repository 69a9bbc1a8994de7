import pytest

from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import MOST_ROWS, SeatLayout, SeatRange, SeatRow
from shared.domain.errors import InvalidValueError
from tests.builders.catalogue import a_layout, seats

pytestmark = pytest.mark.unit


def test_a_seat_is_named_by_row_and_number() -> None:
    assert str(Seat("AB", 12)) == "AB-12"


def test_seats_are_ordered_by_row_then_number() -> None:
    assert sorted(seats("B-1", "A-10", "A-2")) == list(seats("A-2", "A-10", "B-1"))


@pytest.mark.parametrize(("row", "number"), [("", 1), ("a", 1), ("ABC", 1), ("A\n", 1), ("A", 0), ("A", 201)])
def test_no_seat_has_such_a_name(row: str, number: int) -> None:
    with pytest.raises(InvalidValueError) as error:
        Seat(row, number)
    assert error.value.problem.field == "seats"


@pytest.mark.parametrize(
    ("name", "exists"), [("A-1", True), ("A-10", True), ("A-11", False), ("B-3", True), ("C-1", False)]
)
def test_a_layout_has_the_seats_of_its_rows(name: str, exists: bool) -> None:  # noqa: FBT001 a table of facts
    assert a_layout(A=10, B=3).has(seats(name)[0]) is exists


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([], "rows"),
        ([SeatRow(f"{first}{second}", 1) for first in "ABCDE" for second in "ABCDEFGHIJKLMNOPQRSTU"], "rows"),
        ([SeatRow("A", 10), SeatRow("A", 5)], "rows"),
        ([SeatRow("A", 10), SeatRow("b", 5)], "rows[1].row"),
        ([SeatRow("A", 0)], "rows[0].seats"),
        ([SeatRow("A", 201)], "rows[0].seats"),
    ],
)
def test_a_layout_that_no_auditorium_can_have_is_refused(rows: list[SeatRow], field: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        SeatLayout.of(rows)
    assert error.value.problem.field == field


def test_a_layout_may_have_a_hundred_rows() -> None:
    rows = [SeatRow(f"{first}{second}", 1) for first in "ABCDE" for second in "ABCDEFGHIJKLMNOPQRST"]
    assert len(SeatLayout.of(rows).rows) == MOST_ROWS


def test_a_layout_knows_which_seats_another_lacks() -> None:
    lost = a_layout(A=10, B=10, C=5, D=5).lost_in(a_layout(A=12, B=8, D=5))
    assert lost == (SeatRange("B", first=9, last=10), SeatRange("C", first=1, last=5))


@pytest.mark.parametrize(("name", "within"), [("B-8", False), ("B-9", True), ("B-10", True), ("A-9", False)])
def test_a_range_covers_the_seats_of_one_row(name: str, within: bool) -> None:  # noqa: FBT001 a table of facts
    assert (seats(name)[0] in SeatRange("B", first=9, last=10)) is within
