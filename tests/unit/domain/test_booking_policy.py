from dataclasses import replace

import pytest

from shared.domain.reservations.errors import (
    NoSeatsChosenError,
    SeatsChosenTwiceError,
    SeatsNotAdjacentError,
    TooManyHoldsError,
    TooManySeatsError,
)
from tests.builders.catalogue import seats
from tests.builders.reservations import HOUSE_RULES

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("names", [["A-1"], ["A-2", "A-1"], ["B-4", "B-2", "B-3", "B-5"]])
def test_a_run_of_seats_in_one_row_may_be_chosen(names: list[str]) -> None:
    HOUSE_RULES.ensure_seats_may_be_chosen(seats(*names))


def test_a_choice_has_at_least_one_seat() -> None:
    with pytest.raises(NoSeatsChosenError):
        HOUSE_RULES.ensure_seats_may_be_chosen([])


def test_a_choice_has_at_most_as_many_seats_as_the_house_allows() -> None:
    with pytest.raises(TooManySeatsError) as error:
        HOUSE_RULES.ensure_seats_may_be_chosen(seats("A-1", "A-2", "A-3", "A-4", "A-5"))
    assert error.value.most == 4


def test_a_seat_can_not_be_chosen_twice() -> None:
    with pytest.raises(SeatsChosenTwiceError):
        HOUSE_RULES.ensure_seats_may_be_chosen(seats("A-1", "A-1"))


@pytest.mark.parametrize("names", [["A-1", "A-3"], ["A-1", "B-1"], ["A-1", "B-2"]])
def test_seats_that_are_apart_are_refused(names: list[str]) -> None:
    with pytest.raises(SeatsNotAdjacentError):
        HOUSE_RULES.ensure_seats_may_be_chosen(seats(*names))


def test_a_house_may_allow_seats_that_are_apart() -> None:
    replace(HOUSE_RULES, adjacent_seats_only=False).ensure_seats_may_be_chosen(seats("A-1", "B-3"))


def test_a_customer_may_have_so_many_live_holds_and_no_more() -> None:
    HOUSE_RULES.ensure_may_hold_more(1)
    with pytest.raises(TooManyHoldsError) as error:
        HOUSE_RULES.ensure_may_hold_more(2)
    assert error.value.most == 2
