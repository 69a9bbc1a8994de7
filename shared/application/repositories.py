"""Where aggregates are kept: the ports.

A `find_for_…` locks what it finds until the unit of work ends, so that what was judged is still true when it commits.
Use cases take locks in one order, everywhere, so that they never wait for each other in a circle: the ledger's entry,
customer, auditorium, showtimes, reservations, seats when a reservation is added, and at the commit the streams.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.domain.catalogue.auditorium import Auditorium, AuditoriumId
from shared.domain.catalogue.movie import Movie, MovieId
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatRange
from shared.domain.reservations.reservation import CustomerId, Reservation
from shared.domain.showtimes.showtime import Showtime


class MovieRepository(Protocol):
    """Keeps movies."""

    def find(self, movie_id: MovieId) -> Movie | None:
        """The movie as last committed, not locked."""
        ...

    def find_for_update(self, movie_id: MovieId) -> Movie | None:
        """The movie, for nobody else to change meanwhile."""
        ...

    def add(self, movie: Movie) -> None:
        """Keep a newly registered movie and open its stream.

        Raises:
            ConcurrentWriteError: somebody else has just registered it.
        """
        ...

    def save(self, movie: Movie) -> None:
        """Keep a movie's new events, if it has any.

        Raises:
            ConcurrentWriteError: its stored version is another one by now.
        """
        ...


class AuditoriumRepository(Protocol):
    """Keeps auditoriums."""

    def find(self, auditorium_id: AuditoriumId) -> Auditorium | None:
        """The auditorium as last committed, not locked."""
        ...

    def find_for_update(self, auditorium_id: AuditoriumId) -> Auditorium | None:
        """The auditorium, for nobody else to change, or to give showtimes to, meanwhile."""
        ...

    def add(self, auditorium: Auditorium) -> None:
        """Keep a newly registered auditorium and open its stream.

        Raises:
            ConcurrentWriteError: somebody else has just registered it.
        """
        ...

    def save(self, auditorium: Auditorium) -> None:
        """Keep an auditorium's new events, if it has any.

        Raises:
            ConcurrentWriteError: its stored version is another one by now.
        """
        ...


class ShowtimeRepository(Protocol):
    """Keeps showtimes."""

    def find_for_booking(self, showtime_id: UUID) -> Showtime | None:
        """The showtime, shared with other bookings, but for nobody to change meanwhile."""
        ...

    def find_for_update(self, showtime_id: UUID) -> Showtime | None:
        """The showtime, for nobody else to change, or to book, meanwhile."""
        ...

    def auditorium_of(self, showtime_id: UUID) -> AuditoriumId | None:
        """The auditorium of a showtime, which never changes and so needs no lock."""
        ...

    def last_starting_before(
        self, auditorium_id: AuditoriumId, *, moment: datetime, excluding: UUID | None = None
    ) -> Showtime | None:
        """The scheduled showtime of an auditorium with the latest start before a moment, not locked.

        A showtime that is itself to be moved is left out of account (`excluding`).
        """
        ...

    def lock_unfinished(self, auditorium_id: AuditoriumId, *, at: datetime) -> None:
        """Keep everybody from booking the scheduled showtimes of an auditorium that end after `at`."""
        ...

    def add(self, showtime: Showtime) -> None:
        """Keep a newly scheduled showtime and open its stream."""
        ...

    def save(self, showtime: Showtime) -> None:
        """Keep a showtime's new events, if it has any; if it is cancelled now, note that it is to be cleared.

        Raises:
            ConcurrentWriteError: its stored version is another one by now.
        """
        ...

    def still_to_clear(self, *, most: int) -> Sequence[UUID]:
        """Cancelled showtimes that may have live reservations yet, the longest noted first; not locked."""
        ...

    def note_cleared(self, showtime_id: UUID) -> None:
        """Remember that a cancelled showtime has no live reservation; nor will it ever have one again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatHolder:
    """Which reservation has a seat, and until when; None means for good, since it is sold."""

    seat: Seat
    reservation_id: UUID
    held_until: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        """Whether the seat can't be given to somebody else at a moment."""
        return self.held_until is None or moment < self.held_until


class ReservationRepository(Protocol):
    """Keeps reservations, and with them which seats of a showtime are claimed.

    A claim is made when a reservation is added, and dropped when it is saved as cancelled. Two claims on one seat
    of one showtime can't both be stored, whatever was read before.
    """

    def showtime_of(self, reservation_id: UUID) -> UUID | None:
        """The showtime of a reservation, which never changes and so needs no lock."""
        ...

    def find_for_update(self, reservation_id: UUID) -> Reservation | None:
        """The reservation, for nobody else to change meanwhile."""
        ...

    def live_of(self, showtime_id: UUID, *, most: int) -> Sequence[Reservation]:
        """Reservations of a showtime that have claims, ascending by id, for nobody else to change meanwhile."""
        ...

    def count_live_holds(self, customer_id: CustomerId, *, at: datetime) -> int:
        """How many reservations of a customer wait for a confirmation that is still possible at `at`."""
        ...

    def ended_holds(
        self, *, at: datetime, most: int, besides: Collection[UUID] = ()
    ) -> Mapping[UUID, Sequence[UUID]]:
        """Reservations whose hold has ended at a moment, the longest ended first, by showtime; not locked.

        Those of the showtimes in `besides`, which are few, are left out.
        """
        ...

    def holders_of(self, showtime_id: UUID, *, seats: Iterable[Seat]) -> Sequence[SeatHolder]:
        """Who has claimed which of the seats, not locked, ended holds included."""
        ...

    def live_seats(
        self, auditorium_id: AuditoriumId, *, among: Sequence[SeatRange], at: datetime
    ) -> tuple[Seat, ...]:
        """The seats in some ranges that are sold, or held at `at`, for a scheduled showtime that ends after `at`."""
        ...

    def add(self, reservation: Reservation) -> None:
        """Keep a new reservation and claim its seats.

        Raises:
            SeatsAlreadyTakenError: somebody else has claimed some of them; it names exactly those.
            ConcurrentWriteError: somebody else had claimed some of them, but lets them go just now.
        """
        ...

    def save(self, reservation: Reservation) -> None:
        """Keep a reservation's new events, if it has any; if it is cancelled now, drop its claims.

        Raises:
            ConcurrentWriteError: its stored version is another one by now.
        """
        ...


class CustomerRepository(Protocol):
    """Knows customers by their id alone."""

    def lock(self, customer_id: CustomerId) -> None:
        """Let a customer make one booking at a time, so that their live holds can be counted."""
        ...
