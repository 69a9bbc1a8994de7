"""Take back seats that a customer held or had bought."""

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
class CancelReservation:
    """The customer gives the seats back, and may say why."""

    reservation_id: UUID
    note: str | None = None
    condition: VersionCondition | None = None


def cancel_reservation(
    command: CancelReservation, *, unit: UnitOfWork, clock: Clock
) -> Outcome[ReservationState]:
    """Cancel a reservation; if it is cancelled already, nothing happens.

    Raises:
        NotFoundError: there is no such reservation.
        VersionMismatchError: the condition is not met.
        InvalidValueError: the note can't be read.
        ShowtimeStartedError: the seats are sold and the film is running or over.
    """
    reservation, showtime = reservation_with_showtime(command.reservation_id, unit=unit)
    if command.condition is not None:
        command.condition.ensure_met(actual=reservation.state.version)
    reservation.cancel(showtime=showtime, at=clock.now(), note=command.note)
    unit.reservations.save(reservation)
    return unit.conclude(reservation.state, stream=showtime_stream(reservation.state.showtime_id))
