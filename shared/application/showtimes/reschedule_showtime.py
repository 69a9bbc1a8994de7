"""Move a showtime to another time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.application.clock import Clock
from shared.application.command_context import VersionCondition
from shared.application.outcome import Outcome
from shared.application.showtimes.locking import (
    auditorium_for_its_showtime,
    movie_as_it_is,
    showtime_to_change,
)
from shared.application.streams import showtime_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.showtimes.screening_time import ScreeningTime
from shared.domain.showtimes.showtime import ShowtimeState


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleShowtime:
    """The showtime shall start then."""

    showtime_id: UUID
    starts_at: datetime
    condition: VersionCondition | None = None


def reschedule_showtime(
    command: RescheduleShowtime, *, unit: UnitOfWork, clock: Clock, cleaning_gap: timedelta
) -> Outcome[ShowtimeState]:
    """Move a showtime within its auditorium; if it starts then already, nothing happens.

    The auditorium is locked before the showtime, so that nobody can find free what this command takes. The movie's
    runtime and the cleaning gap are those of now, as for a new showtime.

    Raises:
        NotFoundError: there is no such showtime.
        VersionMismatchError: the condition is not met.
        InvalidValueError: it would start in the past, or beyond the calendar.
        ShowtimeCancelledError: it does not take place.
        ShowtimeStartedError: the film is running or over.
        ShowtimeOverlapError: the auditorium is not free then.
    """
    auditorium = auditorium_for_its_showtime(command.showtime_id, unit=unit)
    showtime = showtime_to_change(command.showtime_id, unit=unit)
    if command.condition is not None:
        command.condition.ensure_met(actual=showtime.state.version)
    movie = movie_as_it_is(showtime.state.movie_id, unit=unit)
    screening = ScreeningTime.of(
        command.starts_at, runtime=timedelta(minutes=movie.runtime_minutes), cleaning_gap=cleaning_gap
    )
    showtime.reschedule(
        screening,
        movie=movie,
        auditorium=auditorium,
        previous=unit.showtimes.last_starting_before(
            auditorium.auditorium_id, moment=screening.ends_at, excluding=command.showtime_id
        ),
        at=clock.now(),
    )
    unit.showtimes.save(showtime)
    sequence = unit.commit(stream=showtime_stream(command.showtime_id))
    return Outcome(state=showtime.state, sequence=sequence)
