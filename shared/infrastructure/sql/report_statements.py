"""What reports ask of the facts. Local time is whole-number arithmetic, and each statement is the same on all databases.

What is grouped by is reckoned in an inner query, since SQL Server and PostgreSQL would take an expression with
parameters in it for another one when it is repeated in GROUP BY.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, case, func, literal_column, select

from shared.application.reporting.local_days import MONTH_DAYS, LocalOffset, end_of_day, start_of_day
from shared.application.reporting.ports import ReportScope
from shared.infrastructure.sql.epoch_seconds import epoch_seconds
from shared.infrastructure.sql.id_arrays import number_is_among
from shared.infrastructure.sql.reporting_tables import reservation_facts, showtime_facts

_showtimes = showtime_facts.c
_reservations = reservation_facts.c

_DAY = literal_column("86400", BigInteger)
_HOUR = literal_column("3600", BigInteger)
_MONTH = literal_column(str(MONTH_DAYS * 86400), BigInteger)
_HOURS_OF_WEEK = literal_column("168", BigInteger)
_ZERO = literal_column("0", BigInteger)
_ONE = literal_column("1", BigInteger)

Condition = ColumnElement[bool]
Query = Select[*tuple[Any, ...]]


def showtimes_in(scope: ReportScope, *, zone: ZoneInfo) -> list[Condition]:
    """Showtimes that have been described by an event of their own, and are on the scope's days."""
    conditions = [_showtimes.Version > _ZERO, *_on_days(_showtimes.ScreeningTime, scope, zone=zone)]
    if scope.movie_id is not None:
        conditions.append(_showtimes.MovieId == scope.movie_id)
    return conditions


def holds_in(scope: ReportScope, *, zone: ZoneInfo) -> list[Condition]:
    """Reservations that were made on the scope's days, for showtimes of its movie."""
    conditions = list(_on_days(_reservations.CreatedAt, scope, zone=zone))
    if scope.movie_id is not None:
        of_movie = select(_showtimes.ShowtimeId).where(_showtimes.MovieId == scope.movie_id)
        conditions.append(_reservations.ShowtimeId.in_(of_movie))
    return conditions


def each_showtime(conditions: Sequence[Condition]) -> Query:
    """The facts of each showtime, by screening time."""
    return select(showtime_facts).where(*conditions).order_by(_showtimes.ScreeningTime, _showtimes.ShowtimeId)


def months_with(column: ColumnElement[Any], conditions: Sequence[Condition]) -> Query:
    """The months, as `local_days` counts them, in which the moments of a column lie."""
    months = select((epoch_seconds(column) // _MONTH).label("Month")).where(*conditions).subquery()
    return select(months.c.Month).group_by(months.c.Month).order_by(months.c.Month)


def movie_days(
    conditions: Sequence[Condition], *, months: Sequence[int], offsets: Sequence[LocalOffset]
) -> Query:
    """Sums for each movie and local day; what has come into other months since they were looked for is left out."""
    rows = _showtimes_with_days(offsets).where(*conditions, _among_months(_showtimes.ScreeningTime, months))
    row = rows.subquery().c
    return (
        select(
            row.Day,
            row.MovieId,
            func.sum(row.TakesPlace).label("Showtimes"),
            func.sum(_ONE - row.TakesPlace).label("ShowtimesCancelled"),
            func.sum(row.TakesPlace * row.Capacity).label("Capacity"),
            func.sum(row.TakesPlace * row.SeatsSold).label("SeatsSold"),
            func.sum(row.TakesPlace * row.SeatsHeld).label("SeatsHeld"),
            func.sum(row.SeatsCancelled).label("SeatsCancelled"),
            func.max(row.MovieTitle).label("MovieTitle"),
        )
        .group_by(row.Day, row.MovieId)
        .order_by(row.Day, row.MovieId)
    )


def _showtimes_with_days(offsets: Sequence[LocalOffset]) -> Query:
    return select(
        (_local_seconds(_showtimes.ScreeningTime, offsets) // _DAY).label("Day"),
        _if(_showtimes.Status == "Scheduled", _ONE).label("TakesPlace"),
        _showtimes.MovieId,
        _showtimes.MovieTitle,
        _showtimes.Capacity,
        _showtimes.SeatsSold,
        _showtimes.SeatsHeld,
        _showtimes.SeatsCancelled,
    )


def booking_hours(
    conditions: Sequence[Condition], *, months: Sequence[int], offsets: Sequence[LocalOffset]
) -> Query:
    """Bookings and their seats for each local hour of the week, counted from that of 1970-01-01 00:00, a Thursday."""
    moment = _reservations.CreatedAt
    rows = (
        select(
            (_local_seconds(moment, offsets) // _HOUR % _HOURS_OF_WEEK).label("WeekHour"), _reservations.Seats
        )
        .where(*conditions, _among_months(moment, months))
        .subquery()
    )
    return (
        select(rows.c.WeekHour, func.count().label("Bookings"), func.sum(rows.c.Seats).label("Seats"))
        .group_by(rows.c.WeekHour)
        .order_by(rows.c.WeekHour)
    )


def hold_outcomes(conditions: Sequence[Condition]) -> Query:
    """How many holds there were, and how many of them came to each end: one row, of NULLs where there were none."""
    confirmed = _reservations.ConfirmedAt.is_not(None)
    reason = _reservations.CancellationReason

    def ended(why: str) -> ColumnElement[int]:
        return _if(~confirmed & (reason == why), _ONE)

    return select(
        func.count().label("Holds"),
        func.sum(_if(confirmed, _ONE)).label("Confirmed"),
        func.sum(ended("expired")).label("Expired"),
        func.sum(ended("customer")).label("CancelledByCustomer"),
        func.sum(ended("showtime_cancelled")).label("ShowtimeCancelled"),
        func.sum(_if(_reservations.Status == "Pending", _ONE)).label("StillHeld"),
        func.sum(_if(confirmed & reason.is_not(None), _ONE)).label("GivenBack"),
    ).where(*conditions)


def seconds_to_confirm(conditions: Sequence[Condition]) -> Query:
    """How many holds were confirmed after how many seconds. There are no more rows than a hold has seconds."""
    took = epoch_seconds(_reservations.ConfirmedAt) - epoch_seconds(_reservations.CreatedAt)
    rows = select(took.label("Seconds")).where(*conditions, _reservations.ConfirmedAt.is_not(None)).subquery()
    return (
        select(rows.c.Seconds, func.count().label("Holds")).group_by(rows.c.Seconds).order_by(rows.c.Seconds)
    )


def _on_days(column: ColumnElement[datetime], scope: ReportScope, *, zone: ZoneInfo) -> Iterator[Condition]:
    if scope.first_day is not None:
        yield column >= start_of_day(scope.first_day, zone=zone)
    if scope.last_day is not None:
        yield column < end_of_day(scope.last_day, zone=zone)


def _local_seconds(moment: ColumnElement[Any], offsets: Sequence[LocalOffset]) -> ColumnElement[int]:
    """Seconds since 1970 as a clock on the wall would count them."""
    *earlier, newest = offsets
    ahead = literal_column(str(newest.seconds), BigInteger)
    until = [following.since for following in offsets[1:]]
    if not earlier:
        return epoch_seconds(moment) + ahead
    passed = [
        (moment < end, literal_column(str(offset.seconds), BigInteger))
        for offset, end in zip(earlier, until, strict=True)
    ]
    return epoch_seconds(moment) + case(*passed, else_=ahead)


def _among_months(moment: ColumnElement[Any], months: Sequence[int]) -> Condition:
    return number_is_among(epoch_seconds(moment) // _MONTH, months)


def _if(condition: Condition, value: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((condition, value), else_=_ZERO)
