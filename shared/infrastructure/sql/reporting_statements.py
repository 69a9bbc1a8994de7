"""How facts change: a row is added where there is none, and then changed, so that both are the same on all databases.

Parameters are named in lower case, columns in PascalCase.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Column,
    Insert,
    Integer,
    Table,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from shared.infrastructure.sql.reporting_tables import reservation_facts, showtime_facts

_showtimes = showtime_facts.c
_reservations = reservation_facts.c


# Part of the text, since a bound literal would be copied into the parameters of every row.
_ZERO = literal_column("0", Integer)


def _parameter(name: str, column: Column[object]) -> BindParameter[object]:
    return bindparam(name, type_=column.type)


def _add(table: Table, *, key: Column[object], values: Mapping[str, ColumnElement[Any]]) -> Insert:
    """Insert a row unless its key, the first of the values, is there."""
    absent = ~exists().where(key == next(iter(values.values()))).correlate(None)
    return insert(table).from_select(list(values), select(*values.values()).where(absent))


ADD_SHOWTIME = _add(
    showtime_facts,
    key=_showtimes.ShowtimeId,
    values={
        "ShowtimeId": _parameter("showtime_id", _showtimes.ShowtimeId),
        "Version": _ZERO,
        "Capacity": _ZERO,
        "SeatsHeld": _ZERO,
        "SeatsSold": _ZERO,
        "SeatsCancelled": _ZERO,
    },
)

CHANGE_SHOWTIME = (
    update(showtime_facts)
    .where(_showtimes.ShowtimeId == _parameter("showtime_id", _showtimes.ShowtimeId))
    .values(
        SeatsHeld=_showtimes.SeatsHeld + _parameter("held", _showtimes.SeatsHeld),
        SeatsSold=_showtimes.SeatsSold + _parameter("sold", _showtimes.SeatsSold),
        SeatsCancelled=_showtimes.SeatsCancelled + _parameter("cancelled", _showtimes.SeatsCancelled),
    )
)

DESCRIBE_SHOWTIME = (
    update(showtime_facts)
    .where(
        _showtimes.ShowtimeId == _parameter("showtime_id", _showtimes.ShowtimeId),
        _showtimes.Version < _parameter("version", _showtimes.Version),
    )
    .values(
        MovieId=_parameter("movie_id", _showtimes.MovieId),
        MovieTitle=_parameter("movie_title", _showtimes.MovieTitle),
        AuditoriumId=_parameter("auditorium_id", _showtimes.AuditoriumId),
        ScreeningTime=_parameter("screening_time", _showtimes.ScreeningTime),
        Status=_parameter("status", _showtimes.Status),
        Version=_parameter("version", _showtimes.Version),
        Capacity=_parameter("capacity", _showtimes.Capacity),
    )
)

ADD_RESERVATION = _add(
    reservation_facts,
    key=_reservations.ReservationId,
    values={
        "ReservationId": _parameter("reservation_id", _reservations.ReservationId),
        "ShowtimeId": _parameter("showtime_id", _reservations.ShowtimeId),
        "Seats": _parameter("seats", _reservations.Seats),
        "Status": _parameter("status", _reservations.Status),
        "Version": _ZERO,
        "CreatedAt": _parameter("created_at", _reservations.CreatedAt),
    },
)

_version = _parameter("version", _reservations.Version)
_is_newer = _reservations.Version < _version

CHANGE_RESERVATION = (
    update(reservation_facts)
    .where(_reservations.ReservationId == _parameter("reservation_id", _reservations.ReservationId))
    .values(
        Status=case((_is_newer, _parameter("status", _reservations.Status)), else_=_reservations.Status),
        Version=case((_is_newer, _version), else_=_reservations.Version),
        ConfirmedAt=func.coalesce(
            _reservations.ConfirmedAt, _parameter("confirmed_at", _reservations.ConfirmedAt)
        ),
        CancelledAt=func.coalesce(
            _reservations.CancelledAt, _parameter("cancelled_at", _reservations.CancelledAt)
        ),
        CancellationReason=func.coalesce(
            _reservations.CancellationReason, _parameter("reason", _reservations.CancellationReason)
        ),
    )
)
