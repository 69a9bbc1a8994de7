"""Register an auditorium, or rename or refit a registered one."""

from dataclasses import dataclass
from datetime import datetime

from shared.application.clock import Clock
from shared.application.command_context import VersionCondition
from shared.application.outcome import Outcome
from shared.application.streams import auditorium_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.catalogue.auditorium import Auditorium, AuditoriumId, AuditoriumState
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAuditorium:
    """The cinema shall have this auditorium, like this."""

    auditorium_id: AuditoriumId
    name: str
    layout: SeatLayout
    condition: VersionCondition | None = None


def register_auditorium(
    command: RegisterAuditorium, *, unit: UnitOfWork, clock: Clock
) -> Outcome[AuditoriumState]:
    """Make the auditorium what the command says; if it is that already, nothing happens.

    Raises:
        InvalidValueError: no auditorium can be like this.
        LayoutInUseError: the new layout lacks seats that customers have.
        VersionMismatchError: the condition is not met.
    """
    known = unit.auditoriums.find_for_update(command.auditorium_id)
    if command.condition is not None:
        command.condition.ensure_met(actual=known.state.version if known else None)
    at = clock.now()
    if known is None:
        auditorium = Auditorium.register(
            command.auditorium_id, name=command.name, layout=command.layout, at=at
        )
        unit.auditoriums.add(auditorium)
    else:
        auditorium = known
        live_seats = _live_seats_that_would_go(auditorium, layout=command.layout, unit=unit, at=at)
        auditorium.change(name=command.name, layout=command.layout, live_seats=live_seats, at=at)
        unit.auditoriums.save(auditorium)
    return unit.conclude(
        auditorium.state, stream=auditorium_stream(command.auditorium_id), created=known is None
    )


def _live_seats_that_would_go(
    auditorium: Auditorium, *, layout: SeatLayout, unit: UnitOfWork, at: datetime
) -> tuple[Seat, ...]:
    """Read under locks that keep every booking of the auditorium's showtimes out until the layout has changed."""
    going = auditorium.state.layout.lost_in(layout)
    if not going:
        return ()
    auditorium_id = auditorium.state.auditorium_id
    unit.showtimes.lock_unfinished(auditorium_id, at=at)
    return unit.reservations.live_seats(auditorium_id, among=going, at=at)
