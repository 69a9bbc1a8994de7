"""Showtimes in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.application.streams import showtime_stream
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.showtimes.showtime import Showtime, ShowtimeStatus
from tests.fakes.write_tables import Kept


class FakeShowtimeRepository:
    """Showtimes in a dictionary. Locks are not needed: one unit of work runs at a time."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def find_for_booking(self, showtime_id: UUID) -> Showtime | None:
        state = self._kept.tables.showtimes.get(showtime_id)
        return Showtime.restore(state) if state else None

    find_for_update = find_for_booking

    def auditorium_of(self, showtime_id: UUID) -> AuditoriumId | None:
        state = self._kept.tables.showtimes.get(showtime_id)
        return state.auditorium_id if state else None

    def last_starting_before(
        self, auditorium_id: AuditoriumId, *, moment: datetime, excluding: UUID | None = None
    ) -> Showtime | None:
        earlier = [
            state
            for state in self._kept.tables.showtimes.values()
            if state.auditorium_id == auditorium_id
            and state.screening.starts_at < moment
            and state.status is ShowtimeStatus.SCHEDULED
            and state.showtime_id != excluding
        ]
        last = max(earlier, key=lambda state: state.screening.starts_at, default=None)
        return Showtime.restore(last) if last else None

    def lock_unfinished(self, auditorium_id: AuditoriumId, *, at: datetime) -> None:
        del auditorium_id, at

    def add(self, showtime: Showtime) -> None:
        key = showtime.state.showtime_id
        self._kept.insert(self._kept.tables.showtimes, key=key, aggregate=showtime)
        self._kept.tables.streams[showtime_stream(key)] = 0

    def save(self, showtime: Showtime) -> None:
        key = showtime.state.showtime_id
        if showtime.new_events:
            self._kept.replace(self._kept.tables.showtimes, key=key, aggregate=showtime)
            if showtime.is_cancelled:
                self._kept.tables.to_clear.append(key)

    def still_to_clear(self, *, most: int) -> Sequence[UUID]:
        return self._kept.tables.to_clear[:most]

    def note_cleared(self, showtime_id: UUID) -> None:
        if showtime_id in self._kept.tables.to_clear:
            self._kept.tables.to_clear.remove(showtime_id)
