"""Sell the seats that a customer holds."""

from dataclasses import dataclass
from uuid import UUID

from shared.application.clock import Clock
from shared.application.command_context import VersionCondition
from shared.application.outcome import Outcome
from shared.application.reservations.locking import reservation_with_showtime
from shared.application.streams import showtime_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.reservations.reservation import ReservationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReservation:
    """The customer takes the held seats."""

    reservation_id: UUID
    condition: VersionCondition | None = None


def confirm_reservation(
    command: ConfirmReservation, *, unit: UnitOfWork, clock: Clock
) -> Outcome[ReservationState]:
    """Confirm a reservation; if it is confirmed already, nothing happens.

    Raises:
        NotFoundError: there is no such reservation.
        VersionMismatchError: the condition is not met.
        ReservationExpiredError: the hold has ended.
        ReservationIsCancelledError: it was cancelled before.
        ShowtimeCancelledError: the showtime does not take place.
        ShowtimeStartedError: the film is running or over.
    """
    reservation, showtime = reservation_with_showtime(command.reservation_id, unit=unit)
    if command.condition is not None:
        command.condition.ensure_met(actual=reservation.state.version)
    reservation.confirm(showtime=showtime, at=clock.now())
    unit.reservations.save(reservation)
    return unit.conclude(reservation.state, stream=showtime_stream(reservation.state.showtime_id))
