"""What single figures mean, where a history that was made up by chance would seldom tell."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.application.reporting.ports import ReportScope
from shared.application.reporting.rows import HoldConversion
from tests.builders.outbox_messages import BoxOffice, a_message
from tests.servers.reporting_database import ReportingDatabase, committed

pytestmark = pytest.mark.contract

UTC_ZONE = ZoneInfo("UTC")
EVERYTHING = ReportScope()


def test_an_empty_database_has_empty_reports(database: ReportingDatabase) -> None:
    reports = database.reports(UTC_ZONE)
    nothing: Sequence[object] = []
    assert reports.showtimes(EVERYTHING) == nothing
    assert reports.movies(EVERYTHING) == nothing
    assert reports.hours(EVERYTHING) == nothing
    assert reports.conversion(EVERYTHING) == HoldConversion(
        holds=0,
        confirmed=0,
        expired=0,
        cancelled_by_customer=0,
        showtime_cancelled=0,
        still_held=0,
        conversion=0.0,
        given_back=0,
        median_seconds_to_confirm=None,
        mean_seconds_to_confirm=None,
    )


def test_the_last_microsecond_of_an_hour_belongs_to_it(database: ReportingDatabase) -> None:
    booked = BoxOffice().book(seats=2, at=datetime(2026, 12, 4, 20, 59, 59, 999_999, tzinfo=UTC))
    database.deliver(committed([booked.created]))
    (hour,) = database.reports(UTC_ZONE).hours(EVERYTHING)
    assert (hour.weekday, hour.hour, hour.bookings, hour.seats) == (5, 20, 1, 2)


def test_a_late_show_is_on_the_day_that_the_cinemas_clock_shows(database: ReportingDatabase) -> None:
    office = BoxOffice(noon=datetime(2026, 6, 1, 22, 30, tzinfo=UTC))
    database.deliver(committed([office.opened()]))
    for zone, day in (("UTC", date(2026, 6, 2)), ("Europe/Berlin", date(2026, 6, 3))):
        reports = database.reports(ZoneInfo(zone))
        (row,) = reports.movies(ReportScope(first_day=day, last_day=day))
        assert row.day == day
        assert len(reports.showtimes(ReportScope(first_day=day, last_day=day))) == 1
        assert reports.movies(ReportScope(last_day=day - timedelta(days=1))) == []


def test_a_renamed_movie_has_one_name_everywhere(database: ReportingDatabase) -> None:
    rename = a_message("movie:tt0245429", title="Spirited Away", movie_id="tt0245429")
    database.deliver(committed([BoxOffice().opened(), BoxOffice().opened(), rename]))
    reports = database.reports(UTC_ZONE)
    assert {row.movie_title for row in reports.showtimes(EVERYTHING)} == {"Spirited Away"}
    (row,) = reports.movies(EVERYTHING)
    assert (row.movie_title, row.showtimes) == ("Spirited Away", 2)


def test_a_showtime_is_shown_once_its_own_event_has_come(database: ReportingDatabase) -> None:
    office = BoxOffice()
    opened, booked = committed([office.opened(), office.book(seats=3).created])
    reports = database.reports(UTC_ZONE)
    database.deliver([booked])
    assert reports.showtimes(EVERYTHING) == []
    database.deliver([opened])
    (row,) = reports.showtimes(EVERYTHING)
    assert row.seats_held == 3


def test_a_called_off_showtime_has_no_seats_to_fill(database: ReportingDatabase) -> None:
    off, on = BoxOffice(capacity=100), BoxOffice(capacity=50)
    sold = on.book(seats=10)
    database.deliver(
        committed([off.opened(), off.called_off(days=1), on.opened(), sold.created, sold.confirmed])
    )
    (row,) = database.reports(UTC_ZONE).movies(EVERYTHING)
    assert (row.showtimes, row.showtimes_cancelled, row.capacity, row.occupancy) == (1, 1, 50, 0.2)


def test_a_showtime_in_a_far_year_is_on_its_day(database: ReportingDatabase) -> None:
    offices = [BoxOffice(noon=datetime(year, 6, 30, 23, tzinfo=UTC)) for year in (2026, 8999)]
    database.deliver(committed([office.opened() for office in offices]))
    rows = database.reports(ZoneInfo("Europe/Berlin")).movies(EVERYTHING)
    assert [row.day for row in rows] == [date(2026, 7, 2), date(8999, 7, 2)]
