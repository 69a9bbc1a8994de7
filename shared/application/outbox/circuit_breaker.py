"""A circuit breaker per sink: while a sink is down, one lane at a time asks whether it is back."""

import time
from collections.abc import Sequence

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.lease_deadline import MonotonicClock


class CircuitBreaker:
    """Opens after `threshold` failures in a row, over all lanes of a sink; one success closes it.

    A probe may take `probe_seconds` to fail, and until it has, no other is made: a sink that hangs would else hold as many
    workers as it is given.
    """

    def __init__(
        self,
        *,
        backoff: Backoff,
        probe_seconds: float,
        threshold: int = 3,
        clock: MonotonicClock = time.monotonic,
    ) -> None:
        self._backoff = backoff
        self._probe_seconds = probe_seconds
        self._threshold = threshold
        self._clock = clock
        self._failures = 0
        self._probe_at = 0.0
        self._last_succeeded = False

    @property
    def is_open(self) -> bool:
        """Whether the sink is taken to be down."""
        return self._failures >= self._threshold

    @property
    def last_succeeded(self) -> bool:
        """Whether the sink could be reached when it was last tried; False before the first try has ended."""
        return self._last_succeeded

    def admit(self, lanes: Sequence[int]) -> Sequence[int]:
        """Those of the lanes that may be tried now: all, or one probe if it is time for one, or none."""
        if not self.is_open:
            return lanes
        if not lanes or self._clock() < self._probe_at:
            return ()
        self._probe_at = self._clock() + self._probe_seconds
        return lanes[:1]

    def succeeded(self) -> None:
        """The sink could be reached."""
        self._failures = 0
        self._last_succeeded = True

    def failed(self) -> None:
        """The sink could not be reached, or did not take a batch."""
        self._failures += 1
        self._last_succeeded = False
        if self.is_open:
            wait = self._backoff.seconds(self._failures - self._threshold + 1)
            self._probe_at = self._clock() + wait
