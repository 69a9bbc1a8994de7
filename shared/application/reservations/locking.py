"""Finding a showtime and its reservations under the locks that a command on them needs, in the agreed order."""

from uuid import UUID

from shared.application.errors import NotFoundError
from shared.application.unit_of_work import UnitOfWork
from shared.domain.reservations.reservation import Reservation
from shared.domain.showtimes.showtime import Showtime


def showtime_on_programme(showtime_id: UUID, *, unit: UnitOfWork) -> Showtime:
    """The showtime, which nobody can cancel or move before the unit of work ends.

    Raises:
        NotFoundError: there is none.
    """
    showtime = unit.showtimes.find_for_booking(showtime_id)
    if showtime is None:
        raise NotFoundError("showtime", showtime_id)
    return showtime


def reservation_to_change(reservation_id: UUID, *, unit: UnitOfWork) -> Reservation:
    """The reservation, which nobody else can change before the unit of work ends. Its showtime is locked already.

    Raises:
        NotFoundError: there is none.
    """
    reservation = unit.reservations.find_for_update(reservation_id)
    if reservation is None:
        raise NotFoundError("reservation", reservation_id)
    return reservation


def reservation_with_showtime(reservation_id: UUID, *, unit: UnitOfWork) -> tuple[Reservation, Showtime]:
    """A reservation and its showtime, both locked, the showtime first.

    Raises:
        NotFoundError: there is no such reservation.
    """
    showtime_id = unit.reservations.showtime_of(reservation_id)
    if showtime_id is None:
        raise NotFoundError("reservation", reservation_id)
    showtime = showtime_on_programme(showtime_id, unit=unit)
    return reservation_to_change(reservation_id, unit=unit), showtime
