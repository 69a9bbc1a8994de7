"""Showtimes in the write database."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, insert, select
from sqlalchemy.orm import Session

from shared.application.streams import showtime_stream
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.movie import MovieId
from shared.domain.showtimes.screening_time import ScreeningTime
from shared.domain.showtimes.showtime import Showtime, ShowtimeState, ShowtimeStatus
from shared.infrastructure.sql.changed_aggregates import ChangedAggregates, newborn
from shared.infrastructure.sql.outbox_writer import open_stream
from shared.infrastructure.sql.row_locks import locked, locked_shared
from shared.infrastructure.sql.write_tables import showtimes

_MINUTE = timedelta(minutes=1)


class SqlShowtimeRepository:
    """One row a showtime."""

    def __init__(self, session: Session, *, changed: ChangedAggregates) -> None:
        """Work within a unit of work's session."""
        self._session = session
        self._changed = changed

    def find_for_booking(self, showtime_id: UUID) -> Showtime | None:
        """The showtime, locked against change but not against other bookings."""
        query = select(showtimes).where(showtimes.c.ShowtimeId == showtime_id)
        return self._first(locked_shared(query, showtimes))

    def last_starting_before(self, auditorium_id: AuditoriumId, *, moment: datetime) -> Showtime | None:
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

    def _first(self, query: Select[Any]) -> Showtime | None:
        row = self._session.execute(query).mappings().first()
        return Showtime.restore(_state(row)) if row else None


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
        "StartsAt": state.screening.starts_at,
        "RuntimeMinutes": state.screening.runtime // _MINUTE,
        "CleaningMinutes": state.screening.cleaning_gap // _MINUTE,
        "EndsAt": state.screening.ends_at,
        "Status": state.status.value,
        "Version": state.version,
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
