"""Time zones, as reports use them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.application.reporting.local_days import (
    EPOCH,
    MONTH_DAYS,
    day_of,
    end_of_day,
    local_offsets,
    start_of_day,
)

pytestmark = pytest.mark.unit


def month_of(moment: datetime) -> int:
    return (moment - EPOCH).days // MONTH_DAYS


def test_days_are_counted_from_1970() -> None:
    assert day_of(0) == date(1970, 1, 1)
    assert day_of(20_788) == date(2026, 12, 1)


def test_a_day_on_which_clocks_change_has_another_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 12, 1), 24)):
        assert end_of_day(day, zone=berlin) - start_of_day(day, zone=berlin) == timedelta(hours=hours)


def test_a_day_without_midnight_begins_when_the_clock_has_jumped() -> None:
    santiago = ZoneInfo("America/Santiago")
    assert start_of_day(date(2026, 9, 6), zone=santiago) == datetime(2026, 9, 6, 4, tzinfo=UTC)


def test_offsets_change_at_the_second_at_which_the_clocks_do() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    october = datetime(2026, 10, 3, 15, 30, tzinfo=UTC)
    before, after = local_offsets(lord_howe, months=[month_of(october)])
    assert (before.seconds, after.seconds, after.since) == (37_800, 39_600, october)


def test_two_changes_within_a_month_are_both_found() -> None:
    """Morocco sets its clocks back for Ramadan."""
    months = range(month_of(datetime(2026, 1, 1, tzinfo=UTC)), month_of(datetime(2026, 6, 1, tzinfo=UTC)))
    offsets = local_offsets(ZoneInfo("Africa/Casablanca"), months=months)
    assert [offset.seconds for offset in offsets] == [3_600, 0, 3_600]


def test_every_moment_of_the_wanted_months_has_its_own_offset() -> None:
    zone = ZoneInfo("Europe/Berlin")
    months = [690, 692, 700]
    offsets = local_offsets(zone, months=months)
    for month in months:
        for hour in range(MONTH_DAYS * 24):
            moment = EPOCH + timedelta(days=month * MONTH_DAYS, hours=hour)
            held = [offset for offset in offsets if offset.since <= moment][-1]
            assert timedelta(seconds=held.seconds) == moment.astimezone(zone).utcoffset()


def test_a_far_year_costs_no_more_than_a_near_one() -> None:
    offsets = local_offsets(
        ZoneInfo("Europe/Berlin"), months=[690, month_of(datetime(8999, 12, 1, tzinfo=UTC))]
    )
    assert len(offsets) <= 4


def test_the_calendar_has_a_first_and_a_last_day_in_every_zone() -> None:
    for name in ("UTC", "Asia/Tokyo", "America/New_York"):
        zone = ZoneInfo(name)
        assert start_of_day(date.min, zone=zone) < start_of_day(date(1, 1, 2), zone=zone)
        assert end_of_day(date.max, zone=zone) >= start_of_day(date.max, zone=zone)
