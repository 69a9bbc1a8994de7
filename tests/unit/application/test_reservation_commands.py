import json
from contextlib import nullcontext
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.application.command_context import VersionCondition
from shared.application.errors import NotFoundError, VersionMismatchError
from shared.bootstrap.write_side import WriteStore, build_write_side
from shared.domain.reservations.errors import (
    ReservationExpiredError,
    SeatsAlreadyTakenError,
    SeatsNotAdjacentError,
    TooManyHoldsError,
    TooManySeatsError,
)
from shared.domain.reservations.reservation import CancellationReason, ReservationStatus
from shared.domain.showtimes.errors import ShowtimeStartedError
from tests.builders.catalogue import seats
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import HOLD, a_customer
from tests.fakes.clock import FakeClock
from tests.fakes.write_store import FakeWriteStore

pytestmark = pytest.mark.unit

VERSION_1 = VersionCondition(frozenset({1}))


def types_of(store: FakeWriteStore, *, after: int = 0) -> list[str]:
    return [message.type.removeprefix("cinema.reservation.") for _, message in store.messages()[after:]]


def test_a_booking_holds_seats_and_tells_it(cinema: Cinema, store: FakeWriteStore) -> None:
    showtime_id = cinema.open_showtime()
    outcome = cinema.reserve(showtime_id, "A-2", "A-1")
    sequence, message = store.messages()[-1]
    assert (outcome.created, outcome.sequence, sequence) == (True, 2, 2)
    assert (message.stream_id, message.aggregate_type) == (f"showtime:{showtime_id}", "Reservation")
    data = json.loads(message.payload)["data"]
    assert data["seats"] == [{"row": "A", "number": 1}, {"row": "A", "number": 2}]
    assert (data["status"], data["expiresAt"]) == ("Pending", "2026-12-01T12:10:00Z")


def test_an_unknown_showtime_can_not_be_booked(cinema: Cinema) -> None:
    with pytest.raises(NotFoundError) as error:
        cinema.reserve(uuid4(), "A-1")
    assert error.value.resource == "showtime"


def test_a_second_buyer_is_told_exactly_which_seats_are_taken(cinema: Cinema, store: FakeWriteStore) -> None:
    showtime_id = cinema.open_showtime()
    cinema.reserve(showtime_id, "A-1", "A-2")
    with pytest.raises(SeatsAlreadyTakenError) as error:
        cinema.reserve(showtime_id, "A-2", "A-3")
    assert error.value.seats == seats("A-2")
    assert types_of(store, after=3) == ["created.v1"]


def test_the_house_rules_come_from_the_settings(cinema: Cinema) -> None:
    showtime_id = cinema.open_showtime()
    with pytest.raises(TooManySeatsError):
        cinema.reserve(showtime_id, "A-1", "A-2", "A-3", "A-4", "A-5")


@pytest.mark.parametrize("required", [True, False])
def test_whether_seats_must_be_side_by_side_is_a_setting(cinema: Cinema, *, required: bool) -> None:
    settings = house_settings(adjacent_seats_required=required)
    store = WriteStore(begin=FakeWriteStore().begin, answers=lambda: True)
    house = Cinema(build_write_side(settings, store=store, clock=cinema.side.clock))
    showtime_id = house.open_showtime()
    with pytest.raises(SeatsNotAdjacentError) if required else nullcontext():
        house.reserve(showtime_id, "A-1", "B-7")


def test_a_customer_can_not_hold_too_much_at_once(cinema: Cinema, clock: FakeClock) -> None:
    showtime_id, customer = cinema.open_showtime(), a_customer()
    first = cinema.reserve(showtime_id, "A-1", customer=customer)
    cinema.reserve(showtime_id, "A-2", customer=customer)
    with pytest.raises(TooManyHoldsError):
        cinema.reserve(showtime_id, "A-3", customer=customer)
    cinema.confirm(first.state.reservation_id)
    cinema.reserve(showtime_id, "A-4", customer=customer)
    clock.advance(HOLD)
    assert cinema.reserve(showtime_id, "A-5", customer=customer).created


def test_a_booking_that_meets_an_ended_hold_expires_it_first(
    cinema: Cinema, store: FakeWriteStore, clock: FakeClock
) -> None:
    showtime_id = cinema.open_showtime()
    ended = cinema.reserve(showtime_id, "A-1", "A-2", "A-3")
    clock.advance(HOLD)
    outcome = cinema.reserve(showtime_id, "A-2")
    assert types_of(store, after=4) == ["cancelled.v1", "created.v1"]
    data = json.loads(store.messages()[4][1].payload)["data"]
    assert (data["reason"], data["previousStatus"]) == ("expired", "Pending")
    assert outcome.sequence == 4
    state = store.tables.reservations[ended.state.reservation_id]
    assert state.cancellation_reason is CancellationReason.EXPIRED
    assert cinema.reserve(showtime_id, "A-3").created, "all seats of the ended hold are free"


def test_an_ended_hold_stays_when_another_seat_is_taken(
    cinema: Cinema, store: FakeWriteStore, clock: FakeClock
) -> None:
    showtime_id = cinema.open_showtime()
    ended = cinema.reserve(showtime_id, "A-1")
    clock.advance(HOLD)
    cinema.reserve(showtime_id, "A-2")
    with pytest.raises(SeatsAlreadyTakenError) as error:
        cinema.reserve(showtime_id, "A-1", "A-2")
    assert error.value.seats == seats("A-2")
    assert store.tables.reservations[ended.state.reservation_id].status is ReservationStatus.PENDING


def test_a_hold_is_confirmed_once(cinema: Cinema, store: FakeWriteStore) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1")
    first = cinema.confirm(held.state.reservation_id)
    again = cinema.confirm(held.state.reservation_id)
    assert (first.state.status, first.sequence, first.created) == (ReservationStatus.CONFIRMED, 3, False)
    assert again == first
    assert types_of(store, after=3) == ["created.v1", "confirmed.v1"]


def test_a_repeated_confirmation_answers_with_the_last_sequence_of_the_stream(cinema: Cinema) -> None:
    showtime_id = cinema.open_showtime()
    held = cinema.reserve(showtime_id, "A-1")
    cinema.confirm(held.state.reservation_id)
    cinema.reserve(showtime_id, "A-2")
    assert cinema.confirm(held.state.reservation_id).sequence == 4


def test_a_late_confirmation_is_refused(cinema: Cinema, clock: FakeClock) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1")
    clock.advance(HOLD)
    with pytest.raises(ReservationExpiredError):
        cinema.confirm(held.state.reservation_id)


def test_cancelled_seats_can_be_booked_again(cinema: Cinema, store: FakeWriteStore) -> None:
    showtime_id = cinema.open_showtime()
    held = cinema.reserve(showtime_id, "A-1")
    cancelled = cinema.cancel(held.state.reservation_id, note="ill")
    assert (cancelled.state.status, cancelled.sequence) == (ReservationStatus.CANCELLED, 3)
    assert json.loads(store.messages()[-1][1].payload)["data"]["note"] == "ill"
    assert cinema.reserve(showtime_id, "A-1").sequence == 4


def test_cancelling_again_changes_nothing(cinema: Cinema, store: FakeWriteStore) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1")
    first = cinema.cancel(held.state.reservation_id)
    assert cinema.cancel(held.state.reservation_id) == first
    assert types_of(store, after=3) == ["created.v1", "cancelled.v1"]


def test_nothing_is_sold_once_the_film_runs(cinema: Cinema, clock: FakeClock) -> None:
    showtime_id = cinema.open_showtime(starts_at=clock.now() + timedelta(minutes=5))
    held = cinema.reserve(showtime_id, "A-1")
    clock.advance(timedelta(minutes=5))
    with pytest.raises(ShowtimeStartedError):
        cinema.confirm(held.state.reservation_id)
    with pytest.raises(ShowtimeStartedError):
        cinema.reserve(showtime_id, "A-2")


def test_an_unknown_reservation_can_be_neither_confirmed_nor_cancelled(cinema: Cinema) -> None:
    for command in (cinema.confirm, cinema.cancel):
        with pytest.raises(NotFoundError) as error:
            command(uuid4())
        assert error.value.resource == "reservation"


def test_a_command_on_condition_of_another_version_is_refused(cinema: Cinema) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1")
    cinema.confirm(held.state.reservation_id, condition=VERSION_1)
    for command in (cinema.confirm, cinema.cancel):
        with pytest.raises(VersionMismatchError) as error:
            command(held.state.reservation_id, condition=VERSION_1)
        assert error.value.actual == 2
