"""How often to look for work: often while there is some, ever more seldom in silence."""

import time

from shared.application.outbox.lease_deadline import MonotonicClock

_SHARE_OF_SILENCE = 0.05


class PollingPace:
    """Waits a twentieth of the silence so far, within bounds in seconds.

    So an event after one quiet second is seen within 50 ms, and a long silence costs four looks a second.
    """

    def __init__(
        self, *, shortest_seconds: float, longest_seconds: float, clock: MonotonicClock = time.monotonic
    ) -> None:
        self._shortest = shortest_seconds
        self._longest = longest_seconds
        self._clock = clock
        self._last_work = clock()

    def saw_work(self) -> None:
        """There was something to do just now."""
        self._last_work = self._clock()

    def seconds(self) -> float:
        """How long to wait until the next look."""
        silence = self._clock() - self._last_work
        return min(self._longest, max(self._shortest, silence * _SHARE_OF_SILENCE))
