"""View documents as answers. Movie, place and start of a reservation are its showtime's."""

from datetime import datetime
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.seat_differences import Difference
from readsvc.seat_map import seats_of
from shared.contracts.documents import ReservationDocument, ShowtimeDocument
from shared.contracts.events import AuditoriumSnapshot, MovieSnapshot

Booked = TypeVar("Booked", pb.GetReservationResponse, pb.Reservation)


def showtime_answer(document: ShowtimeDocument) -> pb.GetShowtimeResponse:
    """A showtime that is presentable, with its seat map."""
    movie, auditorium, screening_time, ends_at, status = _born(document)
    seat_map = list(seats_of(document, auditorium=auditorium))
    return pb.GetShowtimeResponse(
        showtime_id=document.id,
        movie=_movie(movie),
        auditorium=_auditorium(auditorium),
        screening_time=_timestamp(screening_time),
        ends_at=_timestamp(ends_at),
        status=status,
        # As mappings, which protobuf takes in one go: a message for each would cost a third of the whole.
        seats=[{"row": row, "number": number, "status": taken} for row, number, taken, _ in seat_map],
        free_seats=sum(seat.status == "Free" for seat in seat_map),
        total_seats=len(seat_map),
        sequence=document.sequence,
    )


def showtime_summary(document: ShowtimeDocument) -> pb.ShowtimeSummary:
    """A showtime that is presentable, without its seat map."""
    movie, auditorium, screening_time, ends_at, status = _born(document)
    statuses = [seat.status for seat in seats_of(document, auditorium=auditorium)]
    return pb.ShowtimeSummary(
        showtime_id=document.id,
        movie=_movie(movie),
        auditorium=_auditorium(auditorium),
        screening_time=_timestamp(screening_time),
        ends_at=_timestamp(ends_at),
        status=status,
        free_seats=statuses.count("Free"),
        total_seats=len(statuses),
        sequence=document.sequence,
    )


def reservation_answer(
    reservation: ReservationDocument, *, showtime: ShowtimeDocument
) -> pb.GetReservationResponse:
    """A reservation with what its showtime, which must be presentable, says of it."""
    return _booked(pb.GetReservationResponse, reservation, showtime=showtime)


def listed_reservation(reservation: ReservationDocument, *, showtime: ShowtimeDocument) -> pb.Reservation:
    """The same as it stands in a list."""
    return _booked(pb.Reservation, reservation, showtime=showtime)


def watch_answer(difference: Difference) -> pb.WatchShowtimeResponse:
    """A difference as its message."""
    return pb.WatchShowtimeResponse(
        from_sequence=difference.from_sequence,
        to_sequence=difference.to_sequence,
        free_seats=difference.free_seats,
        seats=[pb.Seat(row=row, number=number, status=status) for row, number, status, _ in difference.seats],
        total_seats=difference.total_seats,
        status=difference.status,
        screening_time=_timestamp(difference.screening_time),
        layout_version=difference.layout_version,
    )


def _booked(kind: type[Booked], reservation: ReservationDocument, *, showtime: ShowtimeDocument) -> Booked:
    movie, auditorium, screening_time, _, _ = _born(showtime)
    return kind(
        reservation_id=reservation.id,
        showtime_id=reservation.showtime_id,
        customer_id=reservation.customer_id,
        seats=[pb.ReservedSeat(row=seat.row, number=seat.number) for seat in reservation.seats],
        status=reservation.status,
        expires_at=_timestamp(reservation.expires_at),
        version=reservation.version,
        sequence=reservation.sequence,
        movie_title=movie.title,
        auditorium_name=auditorium.name,
        screening_time=_timestamp(screening_time),
    )


def _born(
    document: ShowtimeDocument,
) -> tuple[MovieSnapshot, AuditoriumSnapshot, datetime, datetime, str]:
    """What a showtime has since its own event."""
    match document:
        case ShowtimeDocument(
            movie=MovieSnapshot() as movie,
            auditorium=AuditoriumSnapshot() as auditorium,
            screening_time=datetime() as screening_time,
            ends_at=datetime() as ends_at,
            status=str() as status,
        ):
            return movie, auditorium, screening_time, ends_at, status
        case _:
            raise ValueError(f"showtime {document.id} is not yet to be shown")


def _movie(movie: MovieSnapshot) -> pb.Movie:
    return pb.Movie(movie_id=movie.movie_id, title=movie.title, runtime_minutes=movie.runtime_minutes)


def _auditorium(auditorium: AuditoriumSnapshot) -> pb.Auditorium:
    return pb.Auditorium(auditorium_id=auditorium.auditorium_id, name=auditorium.name)


def _timestamp(moment: datetime) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp
