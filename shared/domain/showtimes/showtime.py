"""A showtime: one movie, one auditorium, one screening time."""

from dataclasses import dataclass, replace
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
from shared.domain.text import readable_text

LONGEST_NOTE = 500


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
class ShowtimeEvent(DomainEvent[ShowtimeState]):
    """Something happened to a showtime. The movie and the auditorium are told as they were then."""

    movie: MovieState
    auditorium: AuditoriumState


class ShowtimeCreated(ShowtimeEvent):
    """A showtime is on sale."""


class ShowtimeRescheduled(ShowtimeEvent):
    """A showtime has another screening time; who has seats keeps them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowtimeCancelled(ShowtimeEvent):
    """A showtime does not take place. Its reservations are cancelled one after the other, from now on."""

    note: str | None = None


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
        _ensure_possible(screening, previous=previous, at=at)
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

    def reschedule(
        self,
        screening: ScreeningTime,
        *,
        movie: MovieState,
        auditorium: AuditoriumState,
        previous: "Showtime | None",
        at: datetime,
    ) -> None:
        """Show the film at another time. To say the present time again changes nothing.

        Args:
            screening: when.
            movie: what is shown, as it is now.
            auditorium: where, as it is now.
            previous: the *other* scheduled showtime of the auditorium that starts last before `screening` ends. It is
                the only one that can be in the way, as for a new showtime.
            at: now.

        Raises:
            ShowtimeCancelledError: it does not take place.
            ShowtimeStartedError: the film is running or over.
            ShowtimeInThePastError: the film would have started already.
            ShowtimeOverlapError: another showtime has the auditorium at that time.
        """
        self._ensure_not_cancelled()
        if screening.starts_at == self.state.screening.starts_at:
            return
        self.ensure_not_started(at)
        _ensure_possible(screening, previous=previous, at=at)
        moved = replace(self.state, screening=screening, version=self.state.version + 1)
        self._record(ShowtimeRescheduled(state=moved, occurred_at=at, movie=movie, auditorium=auditorium))

    def cancel(
        self, *, movie: MovieState, auditorium: AuditoriumState, at: datetime, note: str | None = None
    ) -> None:
        """Take the showtime off the programme. To cancel again changes nothing.

        Its reservations are not touched here: each is cancelled on its own, by `Reservation.cancel_with_showtime`.

        Raises:
            InvalidValueError: the note can't be read.
            ShowtimeStartedError: the film is running or over.
        """
        reason = readable_text(note, field="reason", longest=LONGEST_NOTE) if note is not None else None
        if self.is_cancelled:
            return
        self.ensure_not_started(at)
        state = replace(self.state, status=ShowtimeStatus.CANCELLED, version=self.state.version + 1)
        self._record(
            ShowtimeCancelled(state=state, occurred_at=at, movie=movie, auditorium=auditorium, note=reason)
        )

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place; once cancelled, a showtime stays so."""
        return self.state.status is ShowtimeStatus.CANCELLED

    def has_started(self, at: datetime) -> bool:
        """Whether the film is running or over. A cancelled showtime never starts."""
        return not self.is_cancelled and at >= self.state.screening.starts_at

    def ensure_on_sale(self, at: datetime) -> None:
        """Pass only while seats may be booked and paid.

        Raises:
            ShowtimeCancelledError: it does not take place.
            ShowtimeStartedError: the film is running or over.
        """
        self._ensure_not_cancelled()
        self.ensure_not_started(at)

    def ensure_not_started(self, at: datetime) -> None:
        """Pass only before the film.

        Raises:
            ShowtimeStartedError: the film is running or over.
        """
        if self.has_started(at):
            raise ShowtimeStartedError(self.state.showtime_id)

    def _ensure_not_cancelled(self) -> None:
        if self.is_cancelled:
            raise ShowtimeCancelledError(self.state.showtime_id)


def _ensure_possible(screening: ScreeningTime, *, previous: Showtime | None, at: datetime) -> None:
    """Pass only a time that is still to come, and at which the auditorium is free."""
    if screening.starts_at <= at:
        raise ShowtimeInThePastError
    if previous is not None and previous.state.screening.overlaps(screening):
        raise ShowtimeOverlapError(previous.state.showtime_id)
