"""Every aggregate twice: folded from the events that were published, and restored from its row."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, select

from shared.application.command_context import CommandContext
from shared.contracts import events as published
from shared.contracts.envelope import parse_envelope, with_sequence
from shared.contracts.event_data import parse_data
from shared.domain.aggregate import Aggregate, DomainEvent
from shared.domain.catalogue.auditorium import Auditorium, AuditoriumId, AuditoriumState
from shared.domain.catalogue.movie import Movie, MovieId, MovieState
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatLayout, SeatRow
from shared.domain.reservations.reservation import (
    CancellationReason,
    CustomerId,
    Reservation,
    ReservationSeat,
    ReservationState,
    ReservationStatus,
)
from shared.domain.showtimes.screening_time import ScreeningTime
from shared.domain.showtimes.showtime import Showtime, ShowtimeState, ShowtimeStatus
from shared.infrastructure.sql.write_tables import auditoriums, movies, reservations, showtimes
from tests.servers.write_database import WriteDatabase

KINDS: dict[str, type[Aggregate[Any]]] = {
    "Movie": Movie,
    "Auditorium": Auditorium,
    "Showtime": Showtime,
    "Reservation": Reservation,
}


def folded_aggregates(database: WriteDatabase, *, cleaning_gap: timedelta) -> dict[tuple[str, str], object]:
    """The state of each aggregate after its published events, which must be a whole history."""
    told: dict[tuple[str, str], list[DomainEvent[Any]]] = defaultdict(list)
    for sequence, message in database.messages():
        data = parse_data(parse_envelope(with_sequence(message.payload, sequence=sequence)))
        event = DomainEvent(state=_state(data, cleaning_gap=cleaning_gap), occurred_at=message.occurred_at)
        told[message.aggregate_type, message.aggregate_id].append(event)
    return {key: KINDS[key[0]].from_events(events).state for key, events in told.items()}


def stored_aggregates(database: WriteDatabase) -> dict[tuple[str, str], object]:
    """The state of each aggregate as the repositories restore it."""

    def ids(column: Column[Any]) -> Sequence[Row[Any]]:
        return database.rows(select(column))

    found: dict[tuple[str, str], Aggregate[Any] | None] = {}
    with database.begin(CommandContext(command_id=UUID(int=0))) as unit:
        for (movie_id,) in ids(movies.c.MovieId):
            found["Movie", movie_id] = unit.movies.find(MovieId(movie_id))
        for (slug,) in ids(auditoriums.c.AuditoriumId):
            found["Auditorium", slug] = unit.auditoriums.find(AuditoriumId(slug))
        for (showtime_id,) in ids(showtimes.c.ShowtimeId):
            found["Showtime", str(showtime_id)] = unit.showtimes.find_for_booking(showtime_id)
        for (reservation_id,) in ids(reservations.c.ReservationId):
            found["Reservation", str(reservation_id)] = unit.reservations.find_for_update(reservation_id)
    return {key: aggregate.state if aggregate else None for key, aggregate in found.items()}


def _state(data: object, *, cleaning_gap: timedelta) -> Any:
    match data:
        case published.MovieState():
            return MovieState(
                movie_id=MovieId(data.movie_id),
                title=data.title,
                runtime_minutes=data.runtime_minutes,
                version=data.version,
            )
        case published.AuditoriumState():
            return AuditoriumState(
                auditorium_id=AuditoriumId(data.auditorium_id),
                name=data.name,
                layout=SeatLayout.of(SeatRow(row.row, row.seats) for row in data.rows),
                version=data.version,
            )
        case published.ShowtimeState():
            return _showtime(data, cleaning_gap=cleaning_gap)
        case published.ReservationState():
            return _reservation(data)
        case _:
            raise AssertionError(f"nobody can fold {data}")


def _showtime(data: published.ShowtimeState, *, cleaning_gap: timedelta) -> ShowtimeState:
    """The movie's runtime may have changed since the showtime was scheduled, so its own is reckoned from its end."""
    runtime = data.ends_at - data.screening_time - cleaning_gap
    return ShowtimeState(
        showtime_id=data.showtime_id,
        movie_id=MovieId(data.movie.movie_id),
        auditorium_id=AuditoriumId(data.auditorium.auditorium_id),
        screening=ScreeningTime.of(data.screening_time, runtime=runtime, cleaning_gap=cleaning_gap),
        status=ShowtimeStatus(data.status),
        version=data.version,
    )


def _reservation(data: published.ReservationState) -> ReservationState:
    is_cancelled = isinstance(data, published.ReservationCancelled)
    return ReservationState(
        reservation_id=data.reservation_id,
        showtime_id=data.showtime_id,
        customer_id=CustomerId(data.customer_id),
        seats=tuple(ReservationSeat(data.reservation_id, Seat(one.row, one.number)) for one in data.seats),
        status=ReservationStatus(data.status),
        created_at=data.created_at,
        expires_at=data.expires_at,
        version=data.version,
        cancellation_reason=CancellationReason(data.reason) if is_cancelled else None,
    )
