"""Keeping things in a write store, and finding them again, in few words."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.application.command_context import CommandContext
from shared.application.repositories import SeatHolder
from shared.application.streams import showtime_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.aggregate import Aggregate
from shared.domain.catalogue.auditorium import Auditorium
from shared.domain.catalogue.movie import Movie
from shared.domain.catalogue.seat_layout import SeatRange
from shared.domain.reservations.reservation import Reservation
from shared.domain.showtimes.showtime import Showtime
from tests.builders.catalogue import INCEPTION, an_auditorium, seats
from tests.builders.reservations import ReservationBuilder, a_reservation
from tests.builders.showtimes import NOON, a_showtime
from tests.contract.write_side.conftest import WriteStoreUnderTest

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
        unit.commit()


def with_showtime(store: WriteStoreUnderTest, showtime: Showtime) -> Showtime:
    """Commit a newly scheduled showtime; answer it as stored."""
    with store.begin(context()) as unit:
        unit.showtimes.add(showtime)
        unit.commit()
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
        return concluded(unit, reservation)


def change(store: WriteStoreUnderTest, reservation: Reservation) -> int:
    """Commit the new events of a stored reservation."""
    with store.begin(context()) as unit:
        unit.reservations.save(reservation)
        return concluded(unit, reservation)


def concluded(unit: UnitOfWork, reservation: Reservation) -> int:
    """Commit what the unit of work has done; answer the sequence that the reservation's showtime has then."""
    stream = showtime_stream(reservation.state.showtime_id)
    return unit.conclude(reservation.state, stream=stream).sequence


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
