"""What every write store promises of what it keeps, the one in memory and the ones in SQL."""

import json
from uuid import uuid4

import pytest

from shared.application.command_context import CommandContext
from shared.application.errors import ConcurrentWriteError
from shared.domain.catalogue.auditorium import Auditorium
from shared.domain.catalogue.movie import Movie
from shared.domain.reservations.reservation import Reservation
from tests.builders.catalogue import INCEPTION, a_layout, an_auditorium
from tests.builders.reservations import HOLD, a_reservation
from tests.builders.showtimes import NOON, a_showtime
from tests.contract.write_side.conftest import WriteStoreUnderTest
from tests.contract.write_side.kept import (
    ODEON,
    a_new_auditorium,
    a_new_movie,
    change,
    concluded,
    context,
    found,
    keep,
    state_of,
    with_catalogue,
    with_programme,
    with_showtime,
)

pytestmark = pytest.mark.contract


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
        assert unit.conclude(movie.state, stream="movie:tt1375666").sequence == 1
    with store.begin(context()) as unit:
        known = unit.movies.find_for_update(INCEPTION.movie_id)
        assert known is not None
        assert (known.state, known.new_events) == (movie.state, ())
        known.change(title="Spirited Away", runtime_minutes=125, at=NOON)
        unit.movies.save(known)
        assert unit.conclude(known.state, stream="movie:tt1375666").sequence == 2
    with store.begin(context()) as unit:
        assert state_of(unit.movies.find(INCEPTION.movie_id)) == known.state


def test_an_auditorium_is_found_as_it_was_kept(store: WriteStoreUnderTest) -> None:
    auditorium = a_new_auditorium()
    with store.begin(context()) as unit:
        unit.auditoriums.add(auditorium)
        assert unit.conclude(auditorium.state, stream="auditorium:odeon-1").sequence == 1
    with store.begin(context()) as unit:
        known = unit.auditoriums.find_for_update(ODEON)
        assert known is not None
        assert known.state == auditorium.state
        known.change(name="Odeon 2", layout=a_layout(A=1, AA=2), live_seats=(), at=NOON)
        unit.auditoriums.save(known)
        assert unit.conclude(known.state, stream="auditorium:odeon-1").sequence == 2
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
        assert concluded(unit, builder.build()) == 2
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
        assert concluded(unit, second) == 4
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
        unit.commit()
    ((sequence, message),) = store.messages()
    assert (sequence, message.stream_id, message.version) == (1, "movie:tt1375666", 1)
    assert (message.traceparent, message.occurred_at) == (traceparent, NOON)
    assert json.loads(message.payload)["data"]["title"] == "千と千尋"


def test_a_stream_without_events_has_sequence_zero(store: WriteStoreUnderTest) -> None:
    with store.begin(context()) as unit:
        assert unit.conclude(INCEPTION, stream="movie:tt0000000").sequence == 0
