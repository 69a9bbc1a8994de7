"""Showtimes for tests."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID, uuid4

from shared.domain.catalogue.auditorium import AuditoriumState
from shared.domain.catalogue.seat_layout import SeatLayout, SeatRow
from shared.domain.showtimes.screening_time import ScreeningTime
from shared.domain.showtimes.showtime import Showtime, ShowtimeState, ShowtimeStatus
from tests.builders.catalogue import INCEPTION, an_auditorium

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
"""When the tests happen."""

CLEANING = timedelta(minutes=15)


def a_screening(starts_at: datetime, *, minutes: int = INCEPTION.runtime_minutes) -> ScreeningTime:
    """A screening with the usual cleaning gap."""
    return ScreeningTime.of(starts_at, runtime=timedelta(minutes=minutes), cleaning_gap=CLEANING)


@dataclass(frozen=True)
class ShowtimeBuilder:
    """A showtime two hours from noon, unless it is told otherwise."""

    showtime_id: UUID = field(default_factory=uuid4)
    starts_at: datetime = NOON + timedelta(hours=2)
    auditorium: AuditoriumState = field(default_factory=an_auditorium)
    status: ShowtimeStatus = ShowtimeStatus.SCHEDULED

    def starting(self, at: datetime) -> Self:
        return replace(self, starts_at=at)

    def with_rows(self, row: str, seats: int) -> Self:
        layout = SeatLayout.of([SeatRow(row, seats)])
        return replace(self, auditorium=replace(self.auditorium, layout=layout))

    def cancelled(self) -> Self:
        return replace(self, status=ShowtimeStatus.CANCELLED)

    def scheduled(self, *, previous: Showtime | None = None) -> Showtime:
        """Newly scheduled, with its event still to be stored."""
        return Showtime.schedule(
            self.showtime_id,
            movie=INCEPTION,
            auditorium=self.auditorium,
            screening=a_screening(self.starts_at),
            previous=previous,
            at=NOON,
        )

    def build(self) -> Showtime:
        """As it was stored."""
        state = ShowtimeState(
            showtime_id=self.showtime_id,
            movie_id=INCEPTION.movie_id,
            auditorium_id=self.auditorium.auditorium_id,
            screening=a_screening(self.starts_at),
            status=self.status,
            version=1,
        )
        return Showtime.restore(state)


def a_showtime() -> ShowtimeBuilder:
    return ShowtimeBuilder()
