"""A time zone as a database without time zones can use it: moments at which days begin, and offsets that hold until.

Time is cut into months of thirty days each, counted from 1970-01-01 UTC. Offsets are looked up for those that have
anything in them, so that one showtime in a far year does not cost all the years before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTH_DAYS = 30
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOffset:
    """How many seconds local time is ahead of UTC, and from which moment on."""

    since: datetime
    seconds: int


def start_of_day(day: date, *, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a day begins; where midnight is skipped, the first moment after it.

    East of Greenwich the first day of the calendar begins before the calendar of UTC does: then where that begins.
    """
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    try:
        return midnight.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def end_of_day(day: date, *, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the next day begins; after the last day of the calendar, its last moment."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return start_of_day(day + _DAY, zone=zone)


def day_of(number: int) -> date:
    """The day that comes this many days after 1970-01-01."""
    return EPOCH.date() + number * _DAY


def local_offsets(zone: ZoneInfo, *, months: Iterable[int]) -> Sequence[LocalOffset]:
    """The offsets that hold in these months, oldest first; the first also holds before. At least one month is wanted."""
    offsets: list[LocalOffset] = []
    for month in sorted(months):
        for offset in _offsets_of_month(zone, month):
            if not offsets or offset.seconds != offsets[-1].seconds:
                offsets.append(offset)
    return offsets


def _offsets_of_month(zone: ZoneInfo, month: int) -> Iterator[LocalOffset]:
    """The offset at its beginning, and each change. No zone changes twice within a day."""
    days = [EPOCH + (month * MONTH_DAYS + number) * _DAY for number in range(MONTH_DAYS + 1)]
    yield LocalOffset(since=days[0], seconds=_offset(zone, at=days[0]))
    for earlier, later in pairwise(days):
        if _offset(zone, at=earlier) != _offset(zone, at=later):
            yield _change_between(zone, earlier=earlier, later=later)


def _change_between(zone: ZoneInfo, *, earlier: datetime, later: datetime) -> LocalOffset:
    """Halve the span until it is a microsecond: its later end is the first moment of the new offset."""
    before = _offset(zone, at=earlier)
    while later - earlier > timedelta.resolution:
        middle = earlier + (later - earlier) // 2
        if _offset(zone, at=middle) == before:
            earlier = middle
        else:
            later = middle
    return LocalOffset(since=later, seconds=_offset(zone, at=later))


def _offset(zone: ZoneInfo, *, at: datetime) -> int:
    return int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds())
