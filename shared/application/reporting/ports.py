"""What a report asks, of whom, and what can go wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.application.reporting.rows import BookingHour, HoldConversion, MovieDay, ShowtimeSales


class ReportError(Exception):
    """No report can be had from the reporting database. The message says why, in one line."""


class ReportsNotMigratedError(ReportError):
    """The database has no facts, or those of an older release."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the reporting database is not migrated, run the migrations: {cause}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportScope:
    """What is reported on: the days from the first to the last, both included, and one movie; all where None."""

    first_day: date | None = None
    last_day: date | None = None
    movie_id: str | None = None


class Reports(Protocol):
    """The reports, as exact as the events that have arrived. Days are those of the cinema's time zone.

    Every method raises `ReportError` when the database is not fit to be read, and `TransientFaultError` when it
    does not answer.
    """

    def showtimes(self, scope: ReportScope) -> Sequence[ShowtimeSales]:
        """Each showtime of the scope's days, by screening time."""
        ...

    def movies(self, scope: ReportScope) -> Sequence[MovieDay]:
        """Each movie on each day on which it is shown, by day."""
        ...

    def conversion(self, scope: ReportScope) -> HoldConversion:
        """What became of the holds that were made on the scope's days."""
        ...

    def hours(self, scope: ReportScope) -> Sequence[BookingHour]:
        """When in the week the bookings of the scope's days were made; hours without any are left out."""
        ...
