"""How each domain event is told to the world."""

from dataclasses import dataclass
from typing import Any, Literal

from shared.application.streams import auditorium_stream, movie_stream, showtime_stream
from shared.contracts import events as published
from shared.domain.aggregate import DomainEvent
from shared.domain.catalogue.auditorium import AuditoriumChanged, AuditoriumRegistered, AuditoriumState
from shared.domain.catalogue.movie import MovieChanged, MovieRegistered, MovieState
from shared.domain.catalogue.seat_layout import SeatLayout
from shared.domain.reservations.reservation import (
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationState,
    ReservationStatus,
)
from shared.domain.showtimes.showtime import (
    ShowtimeCancelled,
    ShowtimeCreated,
    ShowtimeEvent,
    ShowtimeRescheduled,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An event's published data, and where it belongs."""

    data: published.EventData
    stream_id: str
    aggregate_type: str
    aggregate_id: str


class UnpublishedEventError(Exception):
    """Nobody has said how this event is told to the world."""


def publication_of(event: DomainEvent[Any]) -> Publication:
    """The published form of a domain event.

    Raises:
        UnpublishedEventError: the event has none.
    """
    match event:
        case MovieRegistered() | MovieChanged():
            return _of_movie(event)
        case AuditoriumRegistered() | AuditoriumChanged():
            return _of_auditorium(event)
        case ShowtimeCreated() | ShowtimeRescheduled() | ShowtimeCancelled():
            return _of_showtime(event)
        case ReservationCreated() | ReservationConfirmed() | ReservationCancelled():
            return _of_reservation(event)
        case _:
            raise UnpublishedEventError(type(event).__name__)


def _of_movie(event: MovieRegistered | MovieChanged) -> Publication:
    is_new = isinstance(event, MovieRegistered)
    model = published.MovieRegistered if is_new else published.MovieChanged
    data = model(**_movie_snapshot(event.state).model_dump())
    return Publication(
        data=data,
        stream_id=movie_stream(event.state.movie_id),
        aggregate_type="Movie",
        aggregate_id=data.movie_id,
    )


def _of_auditorium(event: AuditoriumRegistered | AuditoriumChanged) -> Publication:
    is_new = isinstance(event, AuditoriumRegistered)
    model = published.AuditoriumRegistered if is_new else published.AuditoriumChanged
    data = model(**_auditorium_snapshot(event.state).model_dump())
    return Publication(
        data=data,
        stream_id=auditorium_stream(event.state.auditorium_id),
        aggregate_type="Auditorium",
        aggregate_id=data.auditorium_id,
    )


def _of_showtime(event: ShowtimeCreated | ShowtimeRescheduled | ShowtimeCancelled) -> Publication:
    data = _showtime(event)
    return Publication(
        data=data,
        stream_id=showtime_stream(data.showtime_id),
        aggregate_type="Showtime",
        aggregate_id=str(data.showtime_id),
    )


def _showtime(
    event: ShowtimeCreated | ShowtimeRescheduled | ShowtimeCancelled,
) -> published.ShowtimeState:
    after = _showtime_state(event).model_dump()
    match event:
        case ShowtimeCreated():
            return published.ShowtimeCreated(**after)
        case ShowtimeRescheduled():
            return published.ShowtimeRescheduled(**after)
        case ShowtimeCancelled():
            return published.ShowtimeCancelled(**after, note=event.note)


def _showtime_state(event: ShowtimeEvent) -> published.ShowtimeState:
    state = event.state
    return published.ShowtimeState(
        showtime_id=state.showtime_id,
        movie=_movie_snapshot(event.movie),
        auditorium=_auditorium_snapshot(event.auditorium),
        screening_time=state.screening.starts_at,
        ends_at=state.screening.ends_at,
        status=state.status.value,
        version=state.version,
    )


def _of_reservation(event: ReservationCreated | ReservationConfirmed | ReservationCancelled) -> Publication:
    data = _reservation(event)
    return Publication(
        data=data,
        stream_id=showtime_stream(data.showtime_id),
        aggregate_type="Reservation",
        aggregate_id=str(data.reservation_id),
    )


def _reservation(
    event: ReservationCreated | ReservationConfirmed | ReservationCancelled,
) -> published.ReservationState:
    after = _reservation_state(event.state).model_dump()
    match event:
        case ReservationCreated():
            return published.ReservationCreated(**after)
        case ReservationConfirmed():
            return published.ReservationConfirmed(**after)
        case ReservationCancelled():
            return published.ReservationCancelled(
                **after,
                previous_status=_HELD_OR_SOLD[event.previous_status],
                reason=event.reason.value,
                note=event.note,
            )


_HELD_OR_SOLD: dict[ReservationStatus, Literal["Pending", "Confirmed"]] = {
    ReservationStatus.PENDING: "Pending",
    ReservationStatus.CONFIRMED: "Confirmed",
}


def _reservation_state(state: ReservationState) -> published.ReservationState:
    return published.ReservationState(
        reservation_id=state.reservation_id,
        showtime_id=state.showtime_id,
        customer_id=state.customer_id,
        seats=_seats(state),
        status=state.status.value,
        created_at=state.created_at,
        expires_at=state.expires_at,
        version=state.version,
    )


def _seats(state: ReservationState) -> tuple[published.SeatData, ...]:
    return tuple(
        published.SeatData(row=reserved.seat.row, number=reserved.seat.number) for reserved in state.seats
    )


def _rows(layout: SeatLayout) -> tuple[published.SeatRowData, ...]:
    return tuple(published.SeatRowData(row=row.row, seats=row.seats) for row in layout.rows)


def _movie_snapshot(movie: MovieState) -> published.MovieSnapshot:
    return published.MovieSnapshot(
        movie_id=str(movie.movie_id),
        title=movie.title,
        runtime_minutes=movie.runtime_minutes,
        version=movie.version,
    )


def _auditorium_snapshot(auditorium: AuditoriumState) -> published.AuditoriumSnapshot:
    return published.AuditoriumSnapshot(
        auditorium_id=str(auditorium.auditorium_id),
        name=auditorium.name,
        rows=_rows(auditorium.layout),
        version=auditorium.version,
    )
