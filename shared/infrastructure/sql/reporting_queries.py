"""The reports, from the facts of the reporting database: everything is summed by the database when it is asked for.

Facts are a row per reservation and per showtime, and hold whatever a report needs; a sum kept beside them could only
differ. docs/decisions/0026 says why.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Engine, Row
from sqlalchemy.exc import DBAPIError

from shared.application.reporting.hold_times import HoldTimes
from shared.application.reporting.local_days import day_of, local_offsets
from shared.application.reporting.ports import ReportError, ReportScope, ReportsNotMigratedError
from shared.application.reporting.rows import BookingHour, HoldConversion, MovieDay, ShowtimeSales, share
from shared.infrastructure.sql import report_statements as statements
from shared.infrastructure.sql.driver_faults import is_schema_missing, transient_faults_translated
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.movie_titles import titles_by_movie
from shared.infrastructure.sql.reporting_tables import reservation_facts, showtime_facts

Fields = Row[*tuple[Any, ...]]

_THURSDAY = 4
"""1970-01-01 was one."""


class SqlReports:
    """`Reports` in the time zone of a cinema."""

    def __init__(self, engine: Engine, *, zone: ZoneInfo) -> None:
        self._engine = for_reading(engine)
        self._zone = zone

    def showtimes(self, scope: ReportScope) -> Sequence[ShowtimeSales]:
        """See `Reports.showtimes`."""
        conditions = statements.showtimes_in(scope, zone=self._zone)
        with self._reading() as connection:
            rows = connection.execute(statements.each_showtime(conditions)).all()
            titles = titles_by_movie(connection, conditions)
        return [self._showtime(row, titles.get(row.MovieId, row.MovieTitle)) for row in rows]

    def movies(self, scope: ReportScope) -> Sequence[MovieDay]:
        """See `Reports.movies`."""
        conditions = statements.showtimes_in(scope, zone=self._zone)
        with self._reading() as connection:
            months = _months(connection, showtime_facts.c.ScreeningTime, conditions)
            if not months:
                return []
            offsets = local_offsets(self._zone, months=months)
            query = statements.movie_days(conditions, months=months, offsets=offsets)
            rows = connection.execute(query).all()
            titles = titles_by_movie(connection, conditions)
        return [_movie_day(row, titles.get(row.MovieId, row.MovieTitle)) for row in rows]

    def conversion(self, scope: ReportScope) -> HoldConversion:
        """See `Reports.conversion`."""
        conditions = statements.holds_in(scope, zone=self._zone)
        with self._reading() as connection:
            outcomes = connection.execute(statements.hold_outcomes(conditions)).one()
            took = connection.execute(statements.seconds_to_confirm(conditions)).all()
        return _conversion(outcomes, HoldTimes((row.Seconds, row.Holds) for row in took))

    def hours(self, scope: ReportScope) -> Sequence[BookingHour]:
        """See `Reports.hours`."""
        conditions = statements.holds_in(scope, zone=self._zone)
        with self._reading() as connection:
            months = _months(connection, reservation_facts.c.CreatedAt, conditions)
            if not months:
                return []
            offsets = local_offsets(self._zone, months=months)
            query = statements.booking_hours(conditions, months=months, offsets=offsets)
            rows = connection.execute(query).all()
        return sorted(map(_booking_hour, rows), key=lambda hour: (hour.weekday, hour.hour))

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        try:
            with transient_faults_translated(), self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            why = " ".join(str(error.orig).split())
            if is_schema_missing(error):
                raise ReportsNotMigratedError(why) from error
            raise ReportError(f"the reporting database can't be read: {why}") from error

    def _showtime(self, row: Fields, title: str) -> ShowtimeSales:
        return ShowtimeSales(
            showtime_id=row.ShowtimeId,
            movie_id=row.MovieId,
            movie_title=title,
            auditorium_id=row.AuditoriumId,
            screening_time=row.ScreeningTime.astimezone(self._zone),
            status=row.Status,
            capacity=row.Capacity,
            seats_sold=row.SeatsSold,
            seats_held=row.SeatsHeld,
            seats_cancelled=row.SeatsCancelled,
            occupancy=share(row.SeatsSold, of=row.Capacity),
        )


def _months(
    connection: Connection, column: Column[Any], conditions: Sequence[statements.Condition]
) -> list[int]:
    return list(connection.scalars(statements.months_with(column, conditions)))


def _movie_day(row: Fields, title: str) -> MovieDay:
    return MovieDay(
        day=day_of(row.Day),
        movie_id=row.MovieId,
        movie_title=title,
        showtimes=int(row.Showtimes),
        showtimes_cancelled=int(row.ShowtimesCancelled),
        capacity=int(row.Capacity),
        seats_sold=int(row.SeatsSold),
        seats_held=int(row.SeatsHeld),
        seats_cancelled=int(row.SeatsCancelled),
        occupancy=share(int(row.SeatsSold), of=int(row.Capacity)),
    )


def _conversion(outcomes: Fields, times: HoldTimes) -> HoldConversion:
    confirmed, still_held = int(outcomes.Confirmed or 0), int(outcomes.StillHeld or 0)
    return HoldConversion(
        holds=outcomes.Holds,
        confirmed=confirmed,
        expired=int(outcomes.Expired or 0),
        cancelled_by_customer=int(outcomes.CancelledByCustomer or 0),
        showtime_cancelled=int(outcomes.ShowtimeCancelled or 0),
        still_held=still_held,
        conversion=share(confirmed, of=outcomes.Holds - still_held),
        given_back=int(outcomes.GivenBack or 0),
        median_seconds_to_confirm=times.median(),
        mean_seconds_to_confirm=times.mean(),
    )


def _booking_hour(row: Fields) -> BookingHour:
    day, hour = divmod(int(row.WeekHour), 24)
    return BookingHour(
        weekday=(day + _THURSDAY - 1) % 7 + 1, hour=hour, bookings=row.Bookings, seats=int(row.Seats)
    )
