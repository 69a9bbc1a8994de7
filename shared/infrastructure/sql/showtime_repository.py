"""Showtimes in the write database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, delete, insert, select
from sqlalchemy.orm import Session

from shared.application.streams import showtime_stream
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.movie import MovieId
from shared.domain.showtimes.screening_time import ScreeningTime
from shared.domain.showtimes.showtime import Showtime, ShowtimeState, ShowtimeStatus
from shared.infrastructure.sql.changed_aggregates import ChangedAggregates, newborn, update_if_unchanged
from shared.infrastructure.sql.outbox_writer import open_stream
from shared.infrastructure.sql.row_locks import locked, locked_shared
from shared.infrastructure.sql.write_tables import showtimes, showtimes_to_clear

_MINUTE = timedelta(minutes=1)


class SqlShowtimeRepository:
    """One row a showtime."""

    def __init__(self, session: Session, *, changed: ChangedAggregates) -> None:
        """Work within a unit of work's session."""
        self._session = session
        self._changed = changed

    def find_for_booking(self, showtime_id: UUID) -> Showtime | None:
        """The showtime, locked against change but not against other bookings."""
        return self._first(locked_shared(_by_id(showtime_id), showtimes))

    def find_for_update(self, showtime_id: UUID) -> Showtime | None:
        """The showtime, locked against change and against bookings."""
        return self._first(locked(_by_id(showtime_id), showtimes))

    def auditorium_of(self, showtime_id: UUID) -> AuditoriumId | None:
        """The auditorium of a showtime, not locked."""
        query = select(showtimes.c.AuditoriumId).where(showtimes.c.ShowtimeId == showtime_id)
        found = self._session.scalar(query)
        return AuditoriumId(found) if found else None

    def last_starting_before(
        self, auditorium_id: AuditoriumId, *, moment: datetime, excluding: UUID | None = None
    ) -> Showtime | None:
        """The scheduled showtime of an auditorium with the latest start before a moment, not locked."""
        query = (
            select(showtimes)
            .where(
                showtimes.c.AuditoriumId == str(auditorium_id),
                showtimes.c.StartsAt < moment,
                showtimes.c.Status == ShowtimeStatus.SCHEDULED.value,
            )
            .order_by(showtimes.c.StartsAt.desc())
            .limit(1)
        )
        if excluding is not None:
            query = query.where(showtimes.c.ShowtimeId != excluding)
        return self._first(query)

    def lock_unfinished(self, auditorium_id: AuditoriumId, *, at: datetime) -> None:
        """Lock the scheduled showtimes that end after `at`, in ascending order."""
        query = select(showtimes.c.ShowtimeId).where(unfinished(auditorium_id, at=at))
        self._session.execute(locked(query.order_by(showtimes.c.ShowtimeId), showtimes)).all()

    def add(self, showtime: Showtime) -> None:
        """Insert the showtime and open its stream."""
        with newborn():
            self._session.execute(insert(showtimes).values(_row(showtime.state)))
            open_stream(self._session, showtime_stream(showtime.state.showtime_id))
        self._changed.note(showtime)

    def save(self, showtime: Showtime) -> None:
        """Update the showtime's row if anything has happened, and note a cancelled one for clearing."""
        if not showtime.new_events:
            return
        state = showtime.state
        update_if_unchanged(
            self._session,
            table=showtimes,
            key=showtimes.c.ShowtimeId == state.showtime_id,
            aggregate=showtime,
            values={**_times(state.screening), "Status": state.status.value},
        )
        if showtime.is_cancelled:
            self._session.execute(insert(showtimes_to_clear).values(ShowtimeId=state.showtime_id))
        self._changed.note(showtime)

    def still_to_clear(self, *, most: int) -> Sequence[UUID]:
        """Cancelled showtimes that may have live reservations yet, the longest noted first."""
        query = select(showtimes_to_clear.c.ShowtimeId).order_by(showtimes_to_clear.c.Id).limit(most)
        return self._session.scalars(query).all()

    def note_cleared(self, showtime_id: UUID) -> None:
        """Strike a showtime off the list; if it is not there any more, nothing happens."""
        self._session.execute(
            delete(showtimes_to_clear).where(showtimes_to_clear.c.ShowtimeId == showtime_id)
        )

    def _first(self, query: Select[Any]) -> Showtime | None:
        row = self._session.execute(query).mappings().first()
        return Showtime.restore(_state(row)) if row else None


def _by_id(showtime_id: UUID) -> Select[Any]:
    return select(showtimes).where(showtimes.c.ShowtimeId == showtime_id)


def unfinished(auditorium_id: AuditoriumId, *, at: datetime) -> ColumnElement[bool]:
    """Which showtimes of an auditorium take place and are not over."""
    return and_(
        showtimes.c.AuditoriumId == str(auditorium_id),
        showtimes.c.EndsAt > at,
        showtimes.c.Status == ShowtimeStatus.SCHEDULED.value,
    )


def _row(state: ShowtimeState) -> dict[str, object]:
    return {
        "ShowtimeId": state.showtime_id,
        "MovieId": str(state.movie_id),
        "AuditoriumId": str(state.auditorium_id),
        **_times(state.screening),
        "Status": state.status.value,
        "Version": state.version,
    }


def _times(screening: ScreeningTime) -> dict[str, object]:
    return {
        "StartsAt": screening.starts_at,
        "RuntimeMinutes": screening.runtime // _MINUTE,
        "CleaningMinutes": screening.cleaning_gap // _MINUTE,
        "EndsAt": screening.ends_at,
    }


def _state(row: RowMapping) -> ShowtimeState:
    return ShowtimeState(
        showtime_id=row["ShowtimeId"],
        movie_id=MovieId(row["MovieId"]),
        auditorium_id=AuditoriumId(row["AuditoriumId"]),
        screening=ScreeningTime(
            starts_at=row["StartsAt"],
            runtime=row["RuntimeMinutes"] * _MINUTE,
            cleaning_gap=row["CleaningMinutes"] * _MINUTE,
        ),
        status=ShowtimeStatus(row["Status"]),
        version=row["Version"],
    )
