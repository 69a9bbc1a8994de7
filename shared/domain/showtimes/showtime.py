"""A showtime: one movie, one auditorium, one screening time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from shared.domain.aggregate import Aggregate, DomainEvent
from shared.domain.catalogue.auditorium import AuditoriumId, AuditoriumState
from shared.domain.catalogue.movie import MovieId, MovieState
from shared.domain.showtimes.errors import (
    ShowtimeCancelledError,
    ShowtimeInThePastError,
    ShowtimeOverlapError,
    ShowtimeStartedError,
)
from shared.domain.showtimes.screening_time import ScreeningTime


class ShowtimeStatus(StrEnum):
    """Whether a showtime takes place."""

    SCHEDULED = "Scheduled"
    CANCELLED = "Cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowtimeState:
    """What is true of a showtime."""

    showtime_id: UUID
    movie_id: MovieId
    auditorium_id: AuditoriumId
    screening: ScreeningTime
    status: ShowtimeStatus
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowtimeCreated(DomainEvent[ShowtimeState]):
    """A showtime is on sale. The movie and the auditorium are told as they were then."""

    movie: MovieState
    auditorium: AuditoriumState


class Showtime(Aggregate[ShowtimeState]):
    """A movie shown in an auditorium."""

    @classmethod
    def schedule(
        cls,
        showtime_id: UUID,
        *,
        movie: MovieState,
        auditorium: AuditoriumState,
        screening: ScreeningTime,
        previous: "Showtime | None",
        at: datetime,
    ) -> Self:
        """Put a movie on the programme.

        Args:
            showtime_id: the new showtime's id.
            movie: what is shown.
            auditorium: where.
            screening: when.
            previous: the scheduled showtime of that auditorium that starts last before `screening` ends. Since
                scheduled showtimes never overlap, no other one can be in the way if this one is not.
            at: now.

        Raises:
            ShowtimeInThePastError: the film would have started already.
            ShowtimeOverlapError: the previous showtime still has the auditorium.
        """
        if screening.starts_at <= at:
            raise ShowtimeInThePastError
        if previous is not None and previous.state.screening.overlaps(screening):
            raise ShowtimeOverlapError(previous.state.showtime_id)
        state = ShowtimeState(
            showtime_id=showtime_id,
            movie_id=movie.movie_id,
            auditorium_id=auditorium.auditorium_id,
            screening=screening,
            status=ShowtimeStatus.SCHEDULED,
            version=1,
        )
        created = ShowtimeCreated(state=state, occurred_at=at, movie=movie, auditorium=auditorium)
        return cls(state, events=[created])

    def has_started(self, at: datetime) -> bool:
        """Whether the film is running or over. A cancelled showtime never starts."""
        return self.state.status is ShowtimeStatus.SCHEDULED and at >= self.state.screening.starts_at

    def ensure_on_sale(self, at: datetime) -> None:
        """Pass only while seats may be booked and paid.

        Raises:
            ShowtimeCancelledError: it does not take place.
            ShowtimeStartedError: the film is running or over.
        """
        if self.state.status is ShowtimeStatus.CANCELLED:
            raise ShowtimeCancelledError(self.state.showtime_id)
        self.ensure_not_started(at)

    def ensure_not_started(self, at: datetime) -> None:
        """Pass only before the film.

        Raises:
            ShowtimeStartedError: the film is running or over.
        """
        if self.has_started(at):
            raise ShowtimeStartedError(self.state.showtime_id)
