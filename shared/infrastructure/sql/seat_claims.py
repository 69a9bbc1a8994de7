"""Claims on seats: which reservation has which seat of a showtime."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.application.errors import ConcurrentWriteError
from shared.application.repositories import SeatHolder
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatRange
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.domain.reservations.reservation import ReservationState, ReservationStatus
from shared.infrastructure.sql.showtime_repository import unfinished
from shared.infrastructure.sql.write_tables import reservations, seat_claims, showtimes


class SeatClaims:
    """The rows of SeatClaims, within a unit of work's session."""

    def __init__(self, session: Session) -> None:
        """Work within a unit of work's session."""
        self._session = session

    def holders_of(self, showtime_id: UUID, *, seats: Iterable[Seat]) -> Sequence[SeatHolder]:
        """Who has claimed which of the seats, not locked, ended holds included."""
        claimed = (
            select(
                seat_claims.c.Row,
                seat_claims.c.Number,
                seat_claims.c.ReservationId,
                reservations.c.Status,
                reservations.c.ExpiresAt,
            )
            .join(reservations, reservations.c.ReservationId == seat_claims.c.ReservationId)
            .where(seat_claims.c.ShowtimeId == showtime_id, _any_of(seats))
        )
        return [
            SeatHolder(
                seat=Seat(row["Row"], row["Number"]),
                reservation_id=row["ReservationId"],
                held_until=row["ExpiresAt"] if row["Status"] == ReservationStatus.PENDING.value else None,
            )
            for row in self._session.execute(claimed).mappings()
        ]

    def live_seats(
        self, auditorium_id: AuditoriumId, *, among: Sequence[SeatRange], at: datetime
    ) -> tuple[Seat, ...]:
        """The seats in some ranges that are sold, or held at `at`, for a showtime that is not over."""
        live = (
            select(seat_claims.c.Row, seat_claims.c.Number)
            .distinct()
            .join(showtimes, showtimes.c.ShowtimeId == seat_claims.c.ShowtimeId)
            .join(reservations, reservations.c.ReservationId == seat_claims.c.ReservationId)
            .where(
                unfinished(auditorium_id, at=at),
                or_(
                    reservations.c.Status == ReservationStatus.CONFIRMED.value,
                    reservations.c.ExpiresAt > at,
                ),
                or_(
                    *(
                        and_(
                            seat_claims.c.Row == seats.row,
                            seat_claims.c.Number.between(seats.first, seats.last),
                        )
                        for seats in among
                    )
                ),
            )
        )
        return tuple(Seat(row, number) for row, number in self._session.execute(live))

    def claim(self, state: ReservationState) -> None:
        """Insert a reservation's claims, by row and number, so that two bookings never wait for each other.

        Raises:
            SeatsAlreadyTakenError: the primary key refused; it names the seats that others have.
            ConcurrentWriteError: the primary key refused, but those who had the seats are letting them go.
        """
        seats = sorted(reserved.seat for reserved in state.seats)
        try:
            self._session.execute(
                insert(seat_claims).values(
                    [
                        {
                            "ShowtimeId": state.showtime_id,
                            "Row": seat.row,
                            "Number": seat.number,
                            "ReservationId": state.reservation_id,
                        }
                        for seat in seats
                    ]
                )
            )
        except IntegrityError as error:
            # The failed statement may have ended the transaction; what others have is read in a new one.
            self._session.rollback()
            holders = self.holders_of(state.showtime_id, seats=seats)
            taken = [holder.seat for holder in holders if holder.holds_at(state.created_at)]
            if taken:
                raise SeatsAlreadyTakenError(state.showtime_id, seats=taken) from error
            raise ConcurrentWriteError("the seats were claimed and are let go") from error

    def release(self, state: ReservationState) -> None:
        """Delete a reservation's claims."""
        self._session.execute(
            delete(seat_claims).where(
                seat_claims.c.ShowtimeId == state.showtime_id,
                seat_claims.c.ReservationId == state.reservation_id,
                _any_of(reserved.seat for reserved in state.seats),
            )
        )


def reservations_holding(showtime_id: UUID, *, most: int) -> Select[tuple[UUID]]:
    """The ids of the first reservations that have seats of a showtime. The primary key finds them."""
    return (
        select(seat_claims.c.ReservationId)
        .distinct()
        .where(seat_claims.c.ShowtimeId == showtime_id)
        .order_by(seat_claims.c.ReservationId)
        .limit(most)
    )


def _any_of(seats: Iterable[Seat]) -> ColumnElement[bool]:
    """The claims on any of the seats, each found by the primary key."""
    return or_(*(and_(seat_claims.c.Row == seat.row, seat_claims.c.Number == seat.number) for seat in seats))
