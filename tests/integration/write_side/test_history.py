"""The events that were committed tell the same story as the rows."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shared.contracts.envelope import parse_envelope, with_sequence
from shared.contracts.event_data import parse_data
from shared.contracts.events import ReservationCancelled, ReservationState
from shared.infrastructure.sql.write_tables import reservation_seats, reservations
from tests.builders.cinema import Cinema
from tests.builders.reservations import HOLD
from tests.fakes.clock import FakeClock
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration


def reservations_told(database: WriteDatabase) -> dict[str, dict[str, Any]]:
    """The last published state of each reservation, with the seats by name."""
    told: dict[str, dict[str, Any]] = {}
    for sequence, message in database.messages():
        data = parse_data(parse_envelope(with_sequence(message.payload, sequence=sequence)))
        if isinstance(data, ReservationState):
            told[str(data.reservation_id)] = {
                "status": data.status,
                "version": data.version,
                "expires_at": data.expires_at,
                "seats": {f"{seat.row}-{seat.number}" for seat in data.seats},
                "reason": data.reason if isinstance(data, ReservationCancelled) else None,
            }
    return told


def reservations_kept(database: WriteDatabase) -> dict[str, dict[str, Any]]:
    """The same from the rows."""
    seats: dict[str, set[str]] = defaultdict(set)
    for row in database.rows(select(reservation_seats)):
        seats[str(row.ReservationId)].add(f"{row.Row}-{row.Number}")
    return {
        str(row.ReservationId): {
            "status": row.Status,
            "version": row.Version,
            "expires_at": row.ExpiresAt,
            "seats": seats[str(row.ReservationId)],
            "reason": row.CancellationReason,
        }
        for row in database.rows(select(reservations))
    }


def test_each_reservation_is_told_as_it_is_kept(
    cinema: Cinema, database: WriteDatabase, clock: FakeClock
) -> None:
    showtime_id = cinema.open_showtime()
    cinema.reserve(showtime_id, "A-1", "A-2")
    sold = cinema.reserve(showtime_id, "A-3").state.reservation_id
    cinema.confirm(sold)
    cinema.cancel(cinema.reserve(showtime_id, "A-4").state.reservation_id, note="ill")
    clock.advance(HOLD - timedelta(microseconds=1))
    cinema.reserve(showtime_id, "A-4")
    clock.advance(timedelta(microseconds=1))
    cinema.reserve(showtime_id, "A-2")
    cinema.cancel(sold)
    told = reservations_told(database)
    assert told == reservations_kept(database)
    assert sorted(str(state["reason"]) for state in told.values()) == [
        "None", "None", "customer", "customer", "expired",
    ]  # fmt: skip
