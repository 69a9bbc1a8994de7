from uuid import UUID

import pytest

from shared.domain.reservations.errors import SeatsAlreadyTakenError
from tests.builders.catalogue import seats

pytestmark = pytest.mark.unit


def test_taken_seats_are_named_in_the_order_of_the_house() -> None:
    refusal = SeatsAlreadyTakenError(UUID(int=1), seats=seats("B-2", "A-11", "A-2"))
    assert refusal.seats == seats("A-2", "A-11", "B-2")
    assert str(refusal) == "Seats already taken: A-2, A-11, B-2"
    assert refusal.showtime_id == UUID(int=1)
