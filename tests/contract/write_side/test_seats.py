"""What every write store promises of seats: who has them, and that nobody else gets them."""

from datetime import timedelta

import pytest

from shared.application.errors import ConcurrentWriteError
from shared.application.repositories import SeatHolder
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.reservations.reservation import CustomerId
from tests.builders.catalogue import an_auditorium, seats
from tests.builders.reservations import HOLD, a_customer, a_reservation
from tests.builders.showtimes import NOON, a_showtime
from tests.contract.write_side.conftest import WriteStoreUnderTest
from tests.contract.write_side.kept import (
    B_9_TO_10,
    ODEON,
    change,
    context,
    found,
    holders,
    keep,
    live,
    with_programme,
    with_showtime,
)

pytestmark = pytest.mark.contract


def test_claimed_seats_can_not_be_claimed_again_whatever_was_read_before(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    keep(store, builder.on("A-1", "A-2").held())
    with pytest.raises(SeatsAlreadyTakenError) as error:
        keep(store, a_reservation().of(builder.showtime).on("A-2", "A-3").held())
    assert error.value.seats == seats("A-2")
    assert [holder.reservation_id for holder in holders(store, builder, "A-2", "A-3")] == [
        builder.reservation_id
    ]


def test_a_claim_that_is_only_held_by_an_ended_hold_asks_for_another_attempt(
    store: WriteStoreUnderTest,
) -> None:
    builder = with_programme(store)
    keep(store, builder.on("A-1").held())
    late = a_reservation().of(builder.showtime).on("A-1").held_since(NOON + HOLD)
    with pytest.raises(ConcurrentWriteError):
        keep(store, late.held())
    assert found(store, late.reservation_id) is None


def test_the_same_seat_of_another_showtime_is_another_seat(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    keep(store, builder.held())
    tomorrow = with_showtime(store, a_showtime().starting(NOON + timedelta(days=1)).scheduled())
    assert keep(store, a_reservation().of(tomorrow).held()) == 2


def test_holders_are_named_with_the_end_of_their_hold(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store).on("A-1")
    keep(store, builder.held())
    other = a_reservation().of(builder.showtime).on("A-2")
    keep(store, other.held())
    sold = other.build()
    sold.confirm(showtime=other.showtime, at=NOON)
    change(store, sold)
    assert holders(store, builder, "A-1", "A-2", "A-3") == [
        SeatHolder(seat=seats("A-1")[0], reservation_id=builder.reservation_id, held_until=NOON + HOLD),
        SeatHolder(seat=seats("A-2")[0], reservation_id=other.reservation_id, held_until=None),
    ]


def test_a_cancelled_reservation_holds_nothing(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    keep(store, builder.held())
    reservation = builder.build()
    reservation.cancel(showtime=builder.showtime, at=NOON)
    change(store, reservation)
    assert holders(store, builder, "A-1", "A-2") == []


def test_live_holds_of_a_customer_are_counted(store: WriteStoreUnderTest) -> None:
    builder, customer = with_programme(store), a_customer()
    keep(store, builder.by(customer).on("A-1").held())
    later = a_reservation().of(builder.showtime).by(customer).held_since(NOON + timedelta(minutes=5))
    keep(store, later.on("A-2").held())
    sold = a_reservation().of(builder.showtime).by(customer).on("A-3")
    keep(store, sold.held())
    confirmed = sold.build()
    confirmed.confirm(showtime=builder.showtime, at=NOON)
    change(store, confirmed)
    keep(store, a_reservation().of(builder.showtime).on("A-4").held())

    def counted(minutes: int, customer: CustomerId) -> int:
        with store.begin(context()) as unit:
            return unit.reservations.count_live_holds(customer, at=NOON + timedelta(minutes=minutes))

    assert [counted(minutes, customer) for minutes in (9, 10, 15)] == [2, 1, 0]
    assert counted(0, a_customer()) == 0


def test_the_live_reservations_of_a_showtime_are_found_by_id_with_their_seats(
    store: WriteStoreUnderTest,
) -> None:
    builder = with_programme(store)
    sold, held, free = (
        a_reservation().of(builder.showtime).on(*names)
        for names in (("A-1", "A-2"), ("A-3", "A-4"), ("A-5", "A-6"))
    )
    for one in (sold, held, free):
        keep(store, one.held())
    tomorrow = with_showtime(store, a_showtime().starting(NOON + timedelta(days=1)).scheduled())
    keep(store, a_reservation().of(tomorrow).held())
    paid, given_back = sold.build(), free.build()
    paid.confirm(showtime=builder.showtime, at=NOON)
    change(store, paid)
    given_back.cancel(showtime=builder.showtime, at=NOON)
    change(store, given_back)

    def live_of(most: int) -> list[object]:
        with store.begin(context()) as unit:
            found = unit.reservations.live_of(builder.showtime.state.showtime_id, most=most)
            return [reservation.state for reservation in found]

    states = sorted([paid.state, held.build().state], key=lambda state: state.reservation_id)
    assert live_of(9) == states
    assert live_of(1) == states[:1]


def test_a_showtime_without_reservations_has_no_live_ones(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    with store.begin(context()) as unit:
        assert unit.reservations.live_of(builder.showtime.state.showtime_id, most=9) == []


def test_live_seats_are_those_that_a_layout_change_would_orphan(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    keep(store, builder.on("B-8", "B-9").held())
    sold = a_reservation().of(builder.showtime).on("B-10")
    keep(store, sold.held())
    confirmed = sold.build()
    confirmed.confirm(showtime=builder.showtime, at=NOON)
    change(store, confirmed)
    with store.begin(context()) as unit:
        unit.showtimes.lock_unfinished(ODEON, at=NOON)
        both = unit.reservations.live_seats(ODEON, among=B_9_TO_10, at=NOON)
        elsewhere = unit.reservations.live_seats(
            an_auditorium("odeon-2").auditorium_id, among=B_9_TO_10, at=NOON
        )
    assert sorted(both) == list(seats("B-9", "B-10"))
    assert elsewhere == ()
    assert live(store, minutes=10) == seats("B-10"), "the hold on B-9 has ended"
    assert live(store, minutes=600) == (), "the showtime is over"
