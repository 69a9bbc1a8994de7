"""Put a movie on the programme."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.application.clock import Clock
from shared.application.errors import NotFoundError
from shared.application.outcome import Outcome
from shared.application.showtimes.locking import movie_as_it_is
from shared.application.streams import showtime_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.movie import MovieId
from shared.domain.showtimes.screening_time import ScreeningTime
from shared.domain.showtimes.showtime import Showtime, ShowtimeState


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateShowtime:
    """Show this movie in this auditorium at this time."""

    showtime_id: UUID
    movie_id: MovieId
    auditorium_id: AuditoriumId
    starts_at: datetime


def create_showtime(
    command: CreateShowtime, *, unit: UnitOfWork, clock: Clock, cleaning_gap: timedelta
) -> Outcome[ShowtimeState]:
    """Schedule a showtime. The auditorium is locked first, so that two can't both find it free.

    Raises:
        NotFoundError: there is no such movie or auditorium.
        InvalidValueError: it would start in the past, or beyond the calendar.
        ShowtimeOverlapError: the auditorium is not free then.
    """
    auditorium = unit.auditoriums.find_for_update(command.auditorium_id)
    if auditorium is None:
        raise NotFoundError("auditorium", command.auditorium_id)
    movie = movie_as_it_is(command.movie_id, unit=unit)
    screening = ScreeningTime.of(
        command.starts_at,
        runtime=timedelta(minutes=movie.runtime_minutes),
        cleaning_gap=cleaning_gap,
    )
    showtime = Showtime.schedule(
        command.showtime_id,
        movie=movie,
        auditorium=auditorium.state,
        screening=screening,
        previous=unit.showtimes.last_starting_before(command.auditorium_id, moment=screening.ends_at),
        at=clock.now(),
    )
    unit.showtimes.add(showtime)
    return unit.conclude(showtime.state, stream=showtime_stream(command.showtime_id), created=True)
