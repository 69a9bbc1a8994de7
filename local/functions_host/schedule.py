"""NCRONTAB schedules: six fields with seconds first, or five."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from croniter import CroniterBadDateError, croniter

from local.functions_host.errors import HostError

_FIELD = re.compile(r"^[0-9A-Za-z*/,\-]+$")
_WORDS = re.compile(r"[A-Za-z]+")
_NAMES = frozenset(
    [
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
        "sun",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
    ]
)
_SIX = 6
_A_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_TICKS_LOOKED_AT = 10


class Schedule:
    """When a timer fires, in UTC."""

    def __init__(self, expression: str, *, function: str) -> None:
        """Check an expression.

        Raises:
            HostError: Azure would not take it, or it has no tick at all.
        """
        fields = expression.split()
        if len(fields) not in {_SIX - 1, _SIX} or not all(map(_allowed, fields)) or "7" in fields[-1]:
            raise HostError(f"{function}: the schedule {expression!r} is no NCRONTAB expression")
        self._expression = " ".join(fields if len(fields) == _SIX else ["0", *fields])
        if not croniter.is_valid(self._expression, second_at_beginning=True):
            raise HostError(f"{function}: the schedule {expression!r} is no NCRONTAB expression")
        try:
            self.after(_A_MOMENT)
        except CroniterBadDateError as error:
            raise HostError(f"{function}: the schedule {expression!r} never comes") from error

    def after(self, moment: datetime) -> datetime:
        """The first tick after a moment."""
        ticks = croniter(self._expression, moment, second_at_beginning=True, day_or=False)
        return ticks.get_next(datetime).astimezone(UTC)

    def is_frequent(self) -> bool:
        """Whether ticks come less than a minute apart; Azure keeps no status of such a timer."""
        ticks = croniter(self._expression, _A_MOMENT, second_at_beginning=True, day_or=False)
        moments: list[datetime] = [ticks.get_next(datetime) for _ in range(_TICKS_LOOKED_AT)]
        return any(later - earlier < timedelta(minutes=1) for earlier, later in pairwise(moments))


def _allowed(field: str) -> bool:
    """Numbers, ranges, steps, lists and names of days and months; none of cron's other extensions."""
    return bool(_FIELD.match(field)) and all(word.lower() in _NAMES for word in _WORDS.findall(field))
