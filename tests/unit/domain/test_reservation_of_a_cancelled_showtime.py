"""What becomes of a reservation when its showtime does not take place."""

from datetime import timedelta

import pytest

from shared.domain.reservations.reservation import (
    CancellationReason,
    Reservation,
    ReservationCancelled,
    ReservationStatus,
)
from shared.domain.showtimes.errors import ShowtimeCancelledError
from tests.builders.reservations import HOLD, a_reservation
from tests.builders.showtimes import NOON, a_showtime

pytestmark = pytest.mark.unit

OFF = a_showtime().cancelled().build()


def cancellation(reservation: Reservation) -> ReservationCancelled:
    (event,) = reservation.new_events
    assert isinstance(event, ReservationCancelled)
    return event


@pytest.mark.parametrize("status", [ReservationStatus.PENDING, ReservationStatus.CONFIRMED])
def test_held_and_sold_seats_are_let_go_with_the_showtime(status: ReservationStatus) -> None:
    builder = a_reservation()
    reservation = builder.build() if status is ReservationStatus.PENDING else builder.confirmed()
    reservation.cancel_with_showtime(at=NOON)
    event = cancellation(reservation)
    assert (event.previous_status, event.reason) == (status, CancellationReason.SHOWTIME_CANCELLED)
    assert reservation.state.status is ReservationStatus.CANCELLED
    assert reservation.state.cancellation_reason is CancellationReason.SHOWTIME_CANCELLED


def test_a_hold_that_has_ended_expires_whoever_notices_first() -> None:
    reservation = a_reservation().build()
    reservation.cancel_with_showtime(at=NOON + HOLD)
    assert cancellation(reservation).reason is CancellationReason.EXPIRED


def test_a_cancelled_reservation_stays_as_it_is() -> None:
    reservation = a_reservation().cancelled()
    reservation.cancel_with_showtime(at=NOON)
    assert reservation.new_events == ()


def test_a_confirmation_is_refused_in_the_same_words_before_and_after_the_seats_were_let_go() -> None:
    reservation = a_reservation().build()
    with pytest.raises(ShowtimeCancelledError):
        reservation.confirm(showtime=OFF, at=NOON)
    reservation.cancel_with_showtime(at=NOON)
    with pytest.raises(ShowtimeCancelledError) as error:
        reservation.confirm(showtime=OFF, at=NOON + timedelta(days=9))
    assert error.value.showtime_id == reservation.state.showtime_id


def test_a_customer_may_give_sold_seats_back_before_the_house_does_it() -> None:
    reservation = a_reservation().confirmed()
    reservation.cancel(showtime=OFF, at=NOON + timedelta(days=9))
    assert cancellation(reservation).reason is CancellationReason.CUSTOMER
