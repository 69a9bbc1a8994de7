"""Retry policies of triggers: fixed or exponential delays, a number of times or for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from local.functions_host.durations import seconds_of
from local.functions_host.errors import HostError

_FOREVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a failed invocation is tried again, and after how many seconds. -1 times is for ever."""

    times: int
    first_seconds: float
    longest_seconds: float

    @classmethod
    def of(cls, settings: Mapping[str, str] | None, *, function: str) -> Self | None:
        """The policy of a function; None if it has none.

        Raises:
            HostError: the policy is malformed.
        """
        if settings is None:
            return None
        try:
            times = int(settings["max_retry_count"])
            if settings["strategy"] == "fixed_delay":
                delay = seconds_of(settings["delay_interval"])
                return cls(times=times, first_seconds=delay, longest_seconds=delay)
            first, longest = (
                seconds_of(settings["minimum_interval"]),
                seconds_of(settings["maximum_interval"]),
            )
            return cls(times=times, first_seconds=first, longest_seconds=longest)
        except (KeyError, ValueError) as error:
            raise HostError(f"{function}: the retry policy {dict(settings)} is malformed: {error}") from error

    def delay(self, attempt: int) -> float | None:
        """Seconds to wait after a failed attempt, counted from 0; None to give up."""
        if self.times != _FOREVER and attempt >= self.times:
            return None
        return min(self.first_seconds * 2 ** min(attempt, 30), self.longest_seconds)
