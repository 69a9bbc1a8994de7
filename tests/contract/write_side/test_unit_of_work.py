"""What every write store promises, the one in memory and the ones in SQL."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.application.command_context import CommandContext
from shared.application.errors import ConcurrentWriteError
from shared.application.repositories import SeatHolder
from shared.domain.aggregate import Aggregate
from shared.domain.catalogue.auditorium import Auditorium
from shared.domain.catalogue.movie import Movie
from shared.domain.catalogue.seat_layout import SeatRange
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.reservations.reservation import CustomerId, Reservation
from shared.domain.showtimes.showtime import Showtime
from tests.builders.catalogue import INCEPTION, a_layout, an_auditorium, seats
from tests.builders.reservations import HOLD, ReservationBuilder, a_customer, a_reservation
from tests.builders.showtimes import NOON, a_screening, a_showtime
from tests.contract.write_side.conftest import WriteStoreUnderTest

pytestmark = pytest.mark.contract

ODEON = an_auditorium().auditorium_id
B_9_TO_10 = [SeatRange("B", first=9, last=10)]


def context() -> CommandContext:
    return CommandContext(command_id=uuid4())


def a_new_movie() -> Movie:
    return Movie.register(
        INCEPTION.movie_id, title="千と千尋", runtime_minutes=INCEPTION.runtime_minutes, at=NOON
    )


def a_new_auditorium() -> Auditorium:
    hall = an_auditorium()
    return Auditorium.register(hall.auditorium_id, name=hall.name, layout=hall.layout, at=NOON)


def with_catalogue(store: WriteStoreUnderTest) -> None:
    with store.begin(context()) as unit:
        unit.movies.add(a_new_movie())
        unit.auditoriums.add(a_new_auditorium())
        unit.commit(stream="movie:tt1375666")


def with_showtime(store: WriteStoreUnderTest, showtime: Showtime) -> Showtime:
    """Commit a newly scheduled showtime; answer it as stored."""
    with store.begin(context()) as unit:
        unit.showtimes.add(showtime)
        unit.commit(stream=f"showtime:{showtime.state.showtime_id}")
    return Showtime.restore(showtime.state)


def with_programme(store: WriteStoreUnderTest) -> ReservationBuilder:
    """Commit a catalogue and a showtime; answer a builder of reservations for it."""
    with_catalogue(store)
    return a_reservation().of(with_showtime(store, a_showtime().scheduled()))


def keep(store: WriteStoreUnderTest, reservation: Reservation) -> int:
    """Commit a new reservation."""
    with store.begin(context()) as unit:
        unit.customers.lock(reservation.state.customer_id)
        unit.reservations.add(reservation)
        return unit.commit(stream=f"showtime:{reservation.state.showtime_id}")


def change(store: WriteStoreUnderTest, reservation: Reservation) -> int:
    """Commit the new events of a stored reservation."""
    with store.begin(context()) as unit:
        unit.reservations.save(reservation)
        return unit.commit(stream=f"showtime:{reservation.state.showtime_id}")


def found(store: WriteStoreUnderTest, reservation_id: UUID) -> Reservation | None:
    with store.begin(context()) as unit:
        return unit.reservations.find_for_update(reservation_id)


def holders(store: WriteStoreUnderTest, builder: ReservationBuilder, *names: str) -> list[SeatHolder]:
    with store.begin(context()) as unit:
        found = unit.reservations.holders_of(builder.showtime.state.showtime_id, seats=seats(*names))
        return sorted(found, key=lambda holder: holder.seat)


def live(store: WriteStoreUnderTest, *, minutes: float = 0) -> tuple[object, ...]:
    with store.begin(context()) as unit:
        at = NOON + timedelta(minutes=minutes)
        return unit.reservations.live_seats(ODEON, among=B_9_TO_10, at=at)


def state_of(aggregate: Aggregate[Any] | None) -> object:
    assert aggregate is not None
    return aggregate.state


def test_what_is_not_committed_never_was(store: WriteStoreUnderTest) -> None:
    with store.begin(context()) as unit:
        unit.movies.add(a_new_movie())
    with store.begin(context()) as unit:
        assert unit.movies.find(INCEPTION.movie_id) is None
    assert store.messages() == []


def test_what_fails_halfway_never_was(store: WriteStoreUnderTest) -> None:
    def fail_halfway() -> None:
        with store.begin(context()) as unit:
            unit.movies.add(a_new_movie())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.begin(context()) as unit:
        assert unit.movies.find_for_update(INCEPTION.movie_id) is None


def test_a_movie_is_found_as_it_was_kept(store: WriteStoreUnderTest) -> None:
    movie = a_new_movie()
    with store.begin(context()) as unit:
        unit.movies.add(movie)
        assert unit.commit(stream="movie:tt1375666") == 1
    with store.begin(context()) as unit:
        known = unit.movies.find_for_update(INCEPTION.movie_id)
        assert known is not None
        assert (known.state, known.new_events) == (movie.state, ())
        known.change(title="Spirited Away", runtime_minutes=125, at=NOON)
        unit.movies.save(known)
        assert unit.commit(stream="movie:tt1375666") == 2
    with store.begin(context()) as unit:
        assert state_of(unit.movies.find(INCEPTION.movie_id)) == known.state


def test_an_auditorium_is_found_as_it_was_kept(store: WriteStoreUnderTest) -> None:
    auditorium = a_new_auditorium()
    with store.begin(context()) as unit:
        unit.auditoriums.add(auditorium)
        assert unit.commit(stream="auditorium:odeon-1") == 1
    with store.begin(context()) as unit:
        known = unit.auditoriums.find_for_update(ODEON)
        assert known is not None
        assert known.state == auditorium.state
        known.change(name="Odeon 2", layout=a_layout(A=1, AA=2), live_seats=(), at=NOON)
        unit.auditoriums.save(known)
        assert unit.commit(stream="auditorium:odeon-1") == 2
    with store.begin(context()) as unit:
        assert state_of(unit.auditoriums.find(ODEON)) == known.state


def test_a_showtime_is_found_as_it_was_kept(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    showtime = with_showtime(store, a_showtime().scheduled())
    with store.begin(context()) as unit:
        assert state_of(unit.showtimes.find_for_booking(showtime.state.showtime_id)) == showtime.state
        assert unit.showtimes.find_for_booking(uuid4()) is None


def test_a_reservation_is_found_as_it_was_kept(store: WriteStoreUnderTest) -> None:
    reservation = with_programme(store).on("A-10", "A-9").held()
    assert keep(store, reservation) == 2
    assert state_of(found(store, reservation.state.reservation_id)) == reservation.state
    with store.begin(context()) as unit:
        showtime_id = reservation.state.showtime_id
        assert unit.reservations.showtime_of(reservation.state.reservation_id) == showtime_id
        assert unit.reservations.showtime_of(uuid4()) is None
        assert unit.reservations.find_for_update(uuid4()) is None


def test_each_change_of_a_reservation_is_kept(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    keep(store, builder.held())
    reservation = builder.build()
    reservation.confirm(showtime=builder.showtime, at=NOON)
    assert change(store, reservation) == 3
    assert state_of(found(store, builder.reservation_id)) == reservation.state
    reservation = Reservation.restore(reservation.state)
    reservation.cancel(showtime=builder.showtime, at=NOON)
    assert change(store, reservation) == 4
    assert state_of(found(store, builder.reservation_id)) == reservation.state


def test_saving_what_has_not_changed_does_nothing(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    keep(store, builder.held())
    before = len(store.messages())
    with store.begin(context()) as unit:
        unit.movies.save(Movie.restore(a_new_movie().state))
        unit.auditoriums.save(Auditorium.restore(an_auditorium()))
        unit.reservations.save(builder.build())
        assert unit.commit(stream=f"showtime:{builder.showtime.state.showtime_id}") == 2
    assert len(store.messages()) == before


def test_what_somebody_else_has_changed_is_not_overwritten(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    keep(store, builder.held())
    mine, theirs = builder.build(), builder.build()
    theirs.confirm(showtime=builder.showtime, at=NOON)
    change(store, theirs)
    mine.cancel(showtime=builder.showtime, at=NOON)
    with pytest.raises(ConcurrentWriteError):
        change(store, mine)
    assert state_of(found(store, builder.reservation_id)) == theirs.state


def test_what_is_there_already_can_not_be_added(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    with pytest.raises(ConcurrentWriteError), store.begin(context()) as unit:
        unit.movies.add(a_new_movie())
    with pytest.raises(ConcurrentWriteError), store.begin(context()) as unit:
        unit.auditoriums.add(a_new_auditorium())


def test_events_are_published_in_the_order_of_the_changes(store: WriteStoreUnderTest) -> None:
    first = with_programme(store)
    keep(store, first.held())
    ended = first.build()
    ended.expire(at=NOON + HOLD)
    second = a_reservation().of(first.showtime).held()
    with store.begin(context()) as unit:
        unit.customers.lock(second.state.customer_id)
        unit.reservations.save(ended)
        unit.reservations.add(second)
        assert unit.commit(stream=f"showtime:{second.state.showtime_id}") == 4
    told = [
        (sequence, message.type.split(".")[-2], message.aggregate_id)
        for sequence, message in store.messages()
    ]
    assert told[-2:] == [
        (3, "cancelled", str(first.reservation_id)),
        (4, "created", str(second.state.reservation_id)),
    ]


def test_a_message_is_kept_whole(store: WriteStoreUnderTest) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with store.begin(CommandContext(command_id=uuid4(), traceparent=traceparent)) as unit:
        unit.movies.add(a_new_movie())
        unit.commit(stream="movie:tt1375666")
    ((sequence, message),) = store.messages()
    assert (sequence, message.stream_id, message.version) == (1, "movie:tt1375666", 1)
    assert (message.traceparent, message.occurred_at) == (traceparent, NOON)
    assert json.loads(message.payload)["data"]["title"] == "千と千尋"


def test_a_stream_without_events_has_sequence_zero(store: WriteStoreUnderTest) -> None:
    with store.begin(context()) as unit:
        assert unit.commit(stream="movie:tt0000000") == 0


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


def test_the_showtime_that_starts_last_before_a_moment_is_found(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    one, two = (
        with_showtime(store, a_showtime().starting(NOON + timedelta(days=day)).scheduled()) for day in (1, 2)
    )
    with store.begin(context()) as unit:
        last = unit.showtimes.last_starting_before
        assert last(ODEON, moment=one.state.screening.starts_at) is None
        assert state_of(last(ODEON, moment=two.state.screening.starts_at)) == one.state
        assert state_of(last(ODEON, moment=NOON + timedelta(days=9))) == two.state
        assert last(an_auditorium("odeon-2").auditorium_id, moment=NOON + timedelta(days=9)) is None


def test_a_showtime_that_is_to_be_moved_is_left_out_of_account(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    one, two = (
        with_showtime(store, a_showtime().starting(NOON + timedelta(days=day)).scheduled()) for day in (1, 2)
    )
    with store.begin(context()) as unit:
        last, moment = unit.showtimes.last_starting_before, NOON + timedelta(days=9)
        assert state_of(last(ODEON, moment=moment, excluding=one.state.showtime_id)) == two.state
        assert state_of(last(ODEON, moment=moment, excluding=two.state.showtime_id)) == one.state


def test_a_showtime_is_found_with_its_auditorium_to_be_changed(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    showtime = with_showtime(store, a_showtime().scheduled())
    with store.begin(context()) as unit:
        assert unit.showtimes.auditorium_of(showtime.state.showtime_id) == ODEON
        assert unit.showtimes.auditorium_of(uuid4()) is None
        assert state_of(unit.showtimes.find_for_update(showtime.state.showtime_id)) == showtime.state
        assert unit.showtimes.find_for_update(uuid4()) is None


def moved(showtime: Showtime) -> Showtime:
    later = a_screening(NOON + timedelta(days=3), minutes=90)
    showtime.reschedule(later, movie=INCEPTION, auditorium=an_auditorium(), previous=None, at=NOON)
    return showtime


def cancelled(showtime: Showtime) -> Showtime:
    showtime.cancel(movie=INCEPTION, auditorium=an_auditorium(), at=NOON)
    return showtime


def change_showtime(store: WriteStoreUnderTest, showtime: Showtime) -> int:
    """Commit the new events of a stored showtime."""
    with store.begin(context()) as unit:
        unit.showtimes.save(showtime)
        return unit.commit(stream=f"showtime:{showtime.state.showtime_id}")


def to_clear(store: WriteStoreUnderTest, *, most: int = 9) -> list[UUID]:
    with store.begin(context()) as unit:
        return list(unit.showtimes.still_to_clear(most=most))


def test_each_change_of_a_showtime_is_kept(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    showtime = moved(with_showtime(store, a_showtime().scheduled()))
    assert change_showtime(store, showtime) == 2
    with store.begin(context()) as unit:
        assert state_of(unit.showtimes.find_for_update(showtime.state.showtime_id)) == showtime.state
    showtime = cancelled(Showtime.restore(showtime.state))
    assert change_showtime(store, showtime) == 3
    with store.begin(context()) as unit:
        assert state_of(unit.showtimes.find_for_booking(showtime.state.showtime_id)) == showtime.state
        assert unit.showtimes.last_starting_before(ODEON, moment=NOON + timedelta(days=9)) is None


def test_saving_a_showtime_that_has_not_changed_does_nothing(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    assert change_showtime(store, with_showtime(store, a_showtime().scheduled())) == 1
    assert to_clear(store) == []


def test_a_showtime_that_somebody_else_has_changed_is_not_overwritten(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    showtime = with_showtime(store, a_showtime().scheduled())
    mine, theirs = moved(Showtime.restore(showtime.state)), cancelled(Showtime.restore(showtime.state))
    change_showtime(store, theirs)
    with pytest.raises(ConcurrentWriteError):
        change_showtime(store, mine)
    with store.begin(context()) as unit:
        assert state_of(unit.showtimes.find_for_booking(showtime.state.showtime_id)) == theirs.state


def test_cancelled_showtimes_are_to_be_cleared_until_they_are_noted_as_cleared(
    store: WriteStoreUnderTest,
) -> None:
    with_catalogue(store)
    one, two = (
        with_showtime(store, a_showtime().starting(NOON + timedelta(days=day)).scheduled()) for day in (1, 2)
    )
    change_showtime(store, moved(two))
    assert to_clear(store) == []
    for showtime in (two, one):
        change_showtime(store, cancelled(Showtime.restore(showtime.state)))
    assert to_clear(store) == [two.state.showtime_id, one.state.showtime_id]
    assert to_clear(store, most=1) == [two.state.showtime_id]
    with store.begin(context()) as unit:
        unit.showtimes.note_cleared(two.state.showtime_id)
        assert unit.commit(stream=f"showtime:{two.state.showtime_id}") == 3
    assert to_clear(store) == [one.state.showtime_id]


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
