"""Take a showtime off the programme."""

from dataclasses import dataclass
from uuid import UUID

from shared.application.clock import Clock
from shared.application.command_context import VersionCondition
from shared.application.outcome import Outcome
from shared.application.showtimes.locking import auditorium_as_it_is, movie_as_it_is, showtime_to_change
from shared.application.streams import showtime_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.showtimes.showtime import ShowtimeState


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelShowtime:
    """The showtime shall not take place; the house may say why."""

    showtime_id: UUID
    note: str | None = None
    condition: VersionCondition | None = None


def cancel_showtime(command: CancelShowtime, *, unit: UnitOfWork, clock: Clock) -> Outcome[ShowtimeState]:
    """Cancel a showtime; if it is cancelled already, nothing happens.

    The showtime is locked against bookings, so that from the commit on it gets no reservation. Those that it has
    are cancelled later, by `shared.application.showtimes.clear_cancelled_showtimes`.

    Raises:
        NotFoundError: there is no such showtime.
        VersionMismatchError: the condition is not met.
        InvalidValueError: the note can't be read.
        ShowtimeStartedError: the film is running or over.
    """
    showtime = showtime_to_change(command.showtime_id, unit=unit)
    if command.condition is not None:
        command.condition.ensure_met(actual=showtime.state.version)
    showtime.cancel(
        movie=movie_as_it_is(showtime.state.movie_id, unit=unit),
        auditorium=auditorium_as_it_is(showtime.state.auditorium_id, unit=unit),
        at=clock.now(),
        note=command.note,
    )
    unit.showtimes.save(showtime)
    sequence = unit.commit(stream=showtime_stream(command.showtime_id))
    return Outcome(state=showtime.state, sequence=sequence)
