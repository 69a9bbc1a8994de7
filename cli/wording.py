"""How the command line words amounts and moments."""

from datetime import UTC, datetime

from shared.application.outbox.status import Tally

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

LONGEST_REASON_TOLD = 300


def duration(seconds: float) -> str:
    """A length of time in its two largest units, such as `2h 5m`; below a minute in seconds."""
    if seconds < _MINUTE:
        return f"{seconds:.1f}s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)}m {int(seconds % _MINUTE)}s"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)}h {int(seconds % _HOUR // _MINUTE)}m"
    return f"{int(seconds // _DAY)}d {int(seconds % _DAY // _HOUR)}h"


def moment(when: datetime) -> str:
    """A moment to the second, in UTC."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def tally(counted: Tally) -> str:
    """A number, or that there are at least so many."""
    return f"{counted.count:,}" if counted.exact else f"≥ {counted.count:,}"


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as `1 message`, `2 messages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(error: Exception) -> str:
    """What an error says, in one line: drivers' own words may be several."""
    return " ".join(str(error).split())


def percent(share: float) -> str:
    """A share of one, in percent with a decimal."""
    return f"{share:.1%}"


def shortened(reason: str) -> str:
    """What somebody else has worded, without the end of what is too long."""
    return reason if len(reason) <= LONGEST_REASON_TOLD else f"{reason[:LONGEST_REASON_TOLD]}…"
