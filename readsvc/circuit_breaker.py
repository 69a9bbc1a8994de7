"""A circuit breaker: after some failures in a row nobody waits for a sick server but one probe a moment."""

import time
from collections.abc import Callable


class CircuitBreaker:
    """Opens after `failures` in a row for `rest_seconds`, then lets one call through to see."""

    def __init__(
        self,
        *,
        failures: int = 3,
        rest_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failures = 0
        self._closed_again_at = 0.0

    @property
    def open(self) -> bool:
        """Whether the last calls failed."""
        return self._failures >= self._limit

    def admits(self) -> bool:
        """Whether a call may be made now. While open, a yes is for one caller, who must report how it went."""
        if not self.open:
            return True
        now = self._clock()
        if now < self._closed_again_at:
            return False
        self._closed_again_at = now + self._rest_seconds
        return True

    def succeeded(self) -> None:
        """A call went well."""
        self._failures = 0

    def failed(self) -> bool:
        """A call failed. Answers whether that has opened the breaker."""
        self._failures += 1
        self._closed_again_at = self._clock() + self._rest_seconds
        return self._failures == self._limit
