"""Hold seats of a showtime for a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.application.clock import Clock
from shared.application.outcome import Outcome
from shared.application.repositories import SeatHolder
from shared.application.reservations.locking import reservation_to_change, showtime_on_programme
from shared.application.showtimes.locking import auditorium_as_it_is
from shared.application.streams import showtime_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.catalogue.seat import Seat
from shared.domain.reservations.booking_policy import BookingPolicy
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.reservations.reservation import CustomerId, Reservation, ReservationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveSeats:
    """Hold these seats of this showtime for this customer."""

    reservation_id: UUID
    showtime_id: UUID
    customer_id: CustomerId
    seats: tuple[Seat, ...]


def reserve_seats(
    command: ReserveSeats, *, unit: UnitOfWork, clock: Clock, policy: BookingPolicy
) -> Outcome[ReservationState]:
    """Hold the seats, or say why not. Holds that have ended and stand in the way are let go in the same unit of work.

    Raises:
        NotFoundError: there is no such showtime.
        InvalidValueError: the choice of seats breaks the policy, or the auditorium lacks one.
        ShowtimeCancelledError: the showtime does not take place.
        ShowtimeStartedError: the film is running or over.
        TooManyHoldsError: the customer has as many live holds as the policy allows.
        SeatsAlreadyTakenError: somebody else has some of the seats.
    """
    unit.customers.lock(command.customer_id)
    showtime = showtime_on_programme(command.showtime_id, unit=unit)
    # Read after the showtime's lock: a layout change holds that lock exclusively, so it is either seen or kept out.
    auditorium = auditorium_as_it_is(showtime.state.auditorium_id, unit=unit)
    at = clock.now()
    reservation = Reservation.hold(
        command.reservation_id,
        customer_id=command.customer_id,
        showtime=showtime,
        layout=auditorium.layout,
        seats=command.seats,
        policy=policy,
        live_holds=unit.reservations.count_live_holds(command.customer_id, at=at),
        at=at,
    )
    holders = unit.reservations.holders_of(command.showtime_id, seats=command.seats)
    _let_ended_holds_go(holders, showtime_id=command.showtime_id, unit=unit, at=at)
    unit.reservations.add(reservation)
    return unit.conclude(reservation.state, stream=showtime_stream(command.showtime_id), created=True)


def _let_ended_holds_go(
    holders: Sequence[SeatHolder], *, showtime_id: UUID, unit: UnitOfWork, at: datetime
) -> None:
    """Tell the customer early which seats are taken, and expire what no longer holds the others.

    The holders were read without a lock, so this is courtesy: what keeps a seat from being sold twice is the claim
    that `add` stores.
    """
    taken = [holder.seat for holder in holders if holder.holds_at(at)]
    if taken:
        raise SeatsAlreadyTakenError(showtime_id, seats=taken)
    for reservation_id in sorted({holder.reservation_id for holder in holders}):
        ended = reservation_to_change(reservation_id, unit=unit)
        ended.expire(at=at)
        unit.reservations.save(ended)
