"""Reservations in the write database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, insert, select
from sqlalchemy.orm import Session

from shared.application.repositories import SeatHolder
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatRange
from shared.domain.reservations.reservation import (
    CancellationReason,
    CustomerId,
    Reservation,
    ReservationSeat,
    ReservationState,
    ReservationStatus,
)
from shared.infrastructure.sql.changed_aggregates import ChangedAggregates, newborn, update_if_unchanged
from shared.infrastructure.sql.row_locks import locked
from shared.infrastructure.sql.seat_claims import SeatClaims, reservations_holding
from shared.infrastructure.sql.write_tables import reservation_seats, reservations


class SqlReservationRepository:
    """One row a reservation, one for each of its seats, and its claims while it is live."""

    def __init__(self, session: Session, *, changed: ChangedAggregates) -> None:
        """Work within a unit of work's session."""
        self._session = session
        self._changed = changed
        self._claims = SeatClaims(session)

    def showtime_of(self, reservation_id: UUID) -> UUID | None:
        """The showtime of a reservation, not locked."""
        query = select(reservations.c.ShowtimeId).where(reservations.c.ReservationId == reservation_id)
        return self._session.scalar(query)

    def find_for_update(self, reservation_id: UUID) -> Reservation | None:
        """The reservation with its seats, locked."""
        query = _with_seats().where(reservations.c.ReservationId == reservation_id)
        rows = self._session.execute(locked(query, reservations)).mappings().all()
        return Reservation.restore(_state(rows)) if rows else None

    def live_of(self, showtime_id: UUID, *, most: int) -> Sequence[Reservation]:
        """Reservations of a showtime that have claims, locked, ascending by id."""
        holding = reservations_holding(showtime_id, most=most)
        query = _with_seats().where(reservations.c.ReservationId.in_(holding))
        query = query.order_by(reservations.c.ReservationId)
        rows = self._session.execute(locked(query, reservations)).mappings().all()
        by_reservation = groupby(rows, key=lambda row: row["ReservationId"])
        return [Reservation.restore(_state(list(seats))) for _, seats in by_reservation]

    def count_live_holds(self, customer_id: CustomerId, *, at: datetime) -> int:
        """How many of a customer's reservations wait for a confirmation that is still possible."""
        query = (
            select(func.count())
            .select_from(reservations)
            .where(
                reservations.c.CustomerId == customer_id,
                reservations.c.Status == ReservationStatus.PENDING.value,
                reservations.c.ExpiresAt > at,
            )
        )
        return self._session.execute(query).scalar_one()

    def ended_holds(
        self, *, at: datetime, most: int, besides: Collection[UUID] = ()
    ) -> Mapping[UUID, Sequence[UUID]]:
        """Reservations whose hold has ended, by showtime, not locked."""
        query = (
            select(reservations.c.ShowtimeId, reservations.c.ReservationId)
            .where(
                reservations.c.Status == ReservationStatus.PENDING.value,
                reservations.c.ExpiresAt <= at,
            )
            .order_by(reservations.c.ExpiresAt)
            .limit(most)
        )
        if besides:
            query = query.where(reservations.c.ShowtimeId.not_in(besides))
        ended: dict[UUID, list[UUID]] = {}
        for showtime_id, reservation_id in self._session.execute(query):
            ended.setdefault(showtime_id, []).append(reservation_id)
        return ended

    def holders_of(self, showtime_id: UUID, *, seats: Iterable[Seat]) -> Sequence[SeatHolder]:
        """Who has claimed which of the seats, not locked, ended holds included."""
        return self._claims.holders_of(showtime_id, seats=seats)

    def live_seats(
        self, auditorium_id: AuditoriumId, *, among: Sequence[SeatRange], at: datetime
    ) -> tuple[Seat, ...]:
        """The seats in some ranges that customers have for a showtime that is not over."""
        return self._claims.live_seats(auditorium_id, among=among, at=at)

    def add(self, reservation: Reservation) -> None:
        """Insert the reservation, its seats and, last, its claims."""
        state = reservation.state
        with newborn():
            self._session.execute(insert(reservations).values(_row(state)))
            self._session.execute(insert(reservation_seats).values(_seat_rows(state)))
        self._claims.claim(state)
        self._changed.note(reservation)

    def save(self, reservation: Reservation) -> None:
        """Update the reservation's row if anything has happened, and drop its claims if it is cancelled."""
        if not reservation.new_events:
            return
        state = reservation.state
        update_if_unchanged(
            self._session,
            table=reservations,
            key=reservations.c.ReservationId == state.reservation_id,
            aggregate=reservation,
            values={"Status": state.status.value, "CancellationReason": _reason(state)},
        )
        if state.status is ReservationStatus.CANCELLED:
            self._claims.release(state)
        self._changed.note(reservation)


def _with_seats() -> Select[Any]:
    """Reservations, one row for each seat."""
    return select(reservations, reservation_seats.c.Row, reservation_seats.c.Number).join(
        reservation_seats, reservation_seats.c.ReservationId == reservations.c.ReservationId
    )


def _row(state: ReservationState) -> dict[str, object]:
    return {
        "ReservationId": state.reservation_id,
        "ShowtimeId": state.showtime_id,
        "CustomerId": state.customer_id,
        "Status": state.status.value,
        "CancellationReason": _reason(state),
        "CreatedAt": state.created_at,
        "ExpiresAt": state.expires_at,
        "Version": state.version,
    }


def _reason(state: ReservationState) -> str | None:
    return state.cancellation_reason.value if state.cancellation_reason else None


def _seat_rows(state: ReservationState) -> list[dict[str, object]]:
    return [
        {"ReservationId": state.reservation_id, "Row": reserved.seat.row, "Number": reserved.seat.number}
        for reserved in state.seats
    ]


def _state(rows: Sequence[RowMapping]) -> ReservationState:
    first = rows[0]
    reason = first["CancellationReason"]
    seats = sorted(Seat(row["Row"], row["Number"]) for row in rows)
    return ReservationState(
        reservation_id=first["ReservationId"],
        showtime_id=first["ShowtimeId"],
        customer_id=first["CustomerId"],
        seats=tuple(ReservationSeat(first["ReservationId"], seat) for seat in seats),
        status=ReservationStatus(first["Status"]),
        created_at=first["CreatedAt"],
        expires_at=first["ExpiresAt"],
        version=first["Version"],
        cancellation_reason=CancellationReason(reason) if reason else None,
    )
