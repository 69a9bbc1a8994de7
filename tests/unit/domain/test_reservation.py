from datetime import timedelta

import pytest

from shared.domain.aggregate import BrokenHistoryError
from shared.domain.errors import InvalidValueError
from shared.domain.reservations.errors import (
    NoSeatsChosenError,
    ReservationExpiredError,
    ReservationIsCancelledError,
    SeatsNotInLayoutError,
    TooManyHoldsError,
)
from shared.domain.reservations.reservation import (
    CancellationReason,
    Reservation,
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationSeat,
    ReservationStatus,
)
from shared.domain.showtimes.errors import ShowtimeCancelledError, ShowtimeStartedError
from tests.builders.catalogue import seats
from tests.builders.reservations import HOLD, a_reservation
from tests.builders.showtimes import NOON, a_showtime

pytestmark = pytest.mark.unit

MOMENT = timedelta(microseconds=1)


def cancellation(reservation: Reservation) -> ReservationCancelled:
    (event,) = reservation.new_events
    assert isinstance(event, ReservationCancelled)
    return event


def test_a_new_reservation_holds_its_seats_for_ten_minutes() -> None:
    reservation = a_reservation().on("A-2", "A-1").held()
    state = reservation.state
    assert (state.status, state.version) == (ReservationStatus.PENDING, 1)
    assert (state.created_at, state.expires_at) == (NOON, NOON + HOLD)
    assert state.seats == tuple(ReservationSeat(state.reservation_id, seat) for seat in seats("A-1", "A-2"))
    assert reservation.new_events == (ReservationCreated(state=state, occurred_at=NOON),)


def test_a_hold_obeys_the_house_rules() -> None:
    with pytest.raises(NoSeatsChosenError):
        a_reservation().on().held()


def test_seats_that_the_auditorium_lacks_can_not_be_held() -> None:
    with pytest.raises(SeatsNotInLayoutError) as error:
        a_reservation().on("A-11", "A-10").held()
    assert error.value.seats == seats("A-11")


def test_a_customer_with_too_many_live_holds_gets_no_other() -> None:
    with pytest.raises(TooManyHoldsError):
        a_reservation().held(live_holds=2)


def test_nothing_can_be_held_once_the_film_runs() -> None:
    with pytest.raises(ShowtimeStartedError):
        a_reservation().of(a_showtime().starting(NOON).build()).held()


def test_nothing_can_be_held_for_a_cancelled_showtime() -> None:
    with pytest.raises(ShowtimeCancelledError):
        a_reservation().of(a_showtime().cancelled().build()).held()


def test_a_held_reservation_can_be_confirmed_until_the_hold_ends() -> None:
    builder = a_reservation()
    reservation = builder.build()
    at = NOON + HOLD - MOMENT
    reservation.confirm(showtime=builder.showtime, at=at)
    assert (reservation.state.status, reservation.state.version) == (ReservationStatus.CONFIRMED, 2)
    assert reservation.new_events == (ReservationConfirmed(state=reservation.state, occurred_at=at),)


def test_a_confirmation_when_the_hold_has_ended_is_refused_though_nobody_noticed_yet() -> None:
    builder = a_reservation()
    with pytest.raises(ReservationExpiredError) as error:
        builder.build().confirm(showtime=builder.showtime, at=NOON + HOLD)
    assert error.value.reservation_id == builder.reservation_id


def test_an_expired_reservation_is_refused_in_the_same_words() -> None:
    builder = a_reservation()
    reservation = builder.build()
    assert reservation.expire(at=NOON + HOLD)
    with pytest.raises(ReservationExpiredError):
        reservation.confirm(showtime=builder.showtime, at=NOON + HOLD)


def test_confirming_again_changes_nothing_even_long_after() -> None:
    builder = a_reservation()
    reservation = builder.confirmed()
    reservation.confirm(showtime=builder.showtime, at=NOON + timedelta(days=1))
    assert reservation.new_events == ()


def test_a_cancelled_reservation_can_not_be_confirmed() -> None:
    builder = a_reservation()
    with pytest.raises(ReservationIsCancelledError) as error:
        builder.cancelled().confirm(showtime=builder.showtime, at=NOON)
    assert error.value.reservation_id == builder.reservation_id


def test_nothing_is_sold_once_the_film_runs() -> None:
    builder = a_reservation()
    started = a_showtime().starting(NOON + MOMENT).build()
    with pytest.raises(ShowtimeStartedError):
        builder.build().confirm(showtime=started, at=NOON + MOMENT)


def test_nothing_is_sold_for_a_cancelled_showtime() -> None:
    with pytest.raises(ShowtimeCancelledError):
        a_reservation().build().confirm(showtime=a_showtime().cancelled().build(), at=NOON)


def test_a_customer_may_give_held_seats_back_and_say_why() -> None:
    builder = a_reservation()
    reservation = builder.build()
    reservation.cancel(showtime=builder.showtime, at=NOON, note=" ill ")
    event = cancellation(reservation)
    assert (event.previous_status, event.reason, event.note) == (
        ReservationStatus.PENDING,
        CancellationReason.CUSTOMER,
        "ill",
    )
    assert (event.state.status, event.state.version) == (ReservationStatus.CANCELLED, 2)


def test_a_customer_may_give_sold_seats_back_until_the_film_starts() -> None:
    builder = a_reservation().of(a_showtime().starting(NOON + timedelta(hours=1)).build())
    reservation = builder.confirmed()
    reservation.cancel(showtime=builder.showtime, at=NOON + timedelta(hours=1) - MOMENT)
    assert cancellation(reservation).previous_status is ReservationStatus.CONFIRMED


def test_sold_seats_can_not_be_given_back_once_the_film_runs() -> None:
    builder = a_reservation().of(a_showtime().starting(NOON + timedelta(hours=1)).build())
    with pytest.raises(ShowtimeStartedError):
        builder.confirmed().cancel(showtime=builder.showtime, at=NOON + timedelta(hours=1))


def test_held_seats_can_be_given_back_even_when_the_film_runs() -> None:
    builder = a_reservation().of(a_showtime().starting(NOON + MOMENT).build())
    reservation = builder.build()
    reservation.cancel(showtime=builder.showtime, at=NOON + MOMENT)
    assert cancellation(reservation).reason is CancellationReason.CUSTOMER


def test_cancelling_an_ended_hold_records_that_it_expired() -> None:
    builder = a_reservation()
    reservation = builder.build()
    reservation.cancel(showtime=builder.showtime, at=NOON + HOLD, note="ill")
    assert cancellation(reservation).reason is CancellationReason.EXPIRED


def test_cancelling_again_changes_nothing() -> None:
    builder = a_reservation()
    reservation = builder.cancelled()
    reservation.cancel(showtime=builder.showtime, at=NOON + timedelta(days=1))
    assert reservation.new_events == ()


def test_a_note_that_nobody_could_read_is_refused() -> None:
    builder = a_reservation()
    with pytest.raises(InvalidValueError) as error:
        builder.build().cancel(showtime=builder.showtime, at=NOON, note="\x00")
    assert error.value.problem.field == "reason"


def test_a_hold_does_not_expire_before_its_end() -> None:
    reservation = a_reservation().build()
    assert not reservation.expire(at=NOON + HOLD - MOMENT)
    assert reservation.new_events == ()


def test_sold_seats_do_not_expire() -> None:
    assert not a_reservation().confirmed().expire(at=NOON + timedelta(days=1))


def test_a_reservation_can_be_rebuilt_from_its_events() -> None:
    builder = a_reservation()
    reservation = builder.held()
    reservation.confirm(showtime=builder.showtime, at=NOON)
    reservation.cancel(showtime=builder.showtime, at=NOON)
    rebuilt = Reservation.from_events(reservation.new_events)
    assert rebuilt.state == reservation.state
    assert rebuilt.new_events == ()


@pytest.mark.parametrize("kept", [[], [1], [0, 2], [0, 0]])
def test_a_history_with_a_hole_is_no_history(kept: list[int]) -> None:
    builder = a_reservation()
    reservation = builder.held()
    reservation.confirm(showtime=builder.showtime, at=NOON)
    reservation.cancel(showtime=builder.showtime, at=NOON)
    with pytest.raises(BrokenHistoryError):
        Reservation.from_events([reservation.new_events[place] for place in kept])
