"""When an auditorium is busy with a film."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from shared.domain.errors import InvalidValueError

EARLIEST_START = datetime(1900, 1, 1, tzinfo=UTC)
LATEST_START = datetime(9000, 1, 1, tzinfo=UTC)
"""So far within the calendar that a start can be told in any time zone, and an end always be reckoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningTime:
    """From the start of the film to the end of the cleaning after it."""

    starts_at: datetime
    runtime: timedelta
    cleaning_gap: timedelta

    @classmethod
    def of(cls, starts_at: datetime, *, runtime: timedelta, cleaning_gap: timedelta) -> Self:
        """A screening time in UTC.

        Raises:
            InvalidValueError: the start has no time zone, or lies beyond the calendar.
        """
        if starts_at.tzinfo is None:
            raise InvalidValueError("screening_time", "must have a time zone")
        if not EARLIEST_START <= starts_at < LATEST_START:
            years = f"{EARLIEST_START.year} to {LATEST_START.year - 1}"
            raise InvalidValueError("screening_time", f"must be in the years {years}")
        return cls(starts_at=starts_at.astimezone(UTC), runtime=runtime, cleaning_gap=cleaning_gap)

    @property
    def ends_at(self) -> datetime:
        """When the auditorium is free again."""
        return self.starts_at + self.runtime + self.cleaning_gap

    def overlaps(self, other: "ScreeningTime") -> bool:
        """Whether both want the auditorium at some moment. One may begin when the other ends."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at
