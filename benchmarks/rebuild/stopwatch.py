"""How long each phase of a rebuild takes."""

import time

from shared.application.rebuild.rebuild_views import Phase


class Stopwatch:
    """A `Tell` that measures the time from the first word of a phase to the first of the next."""

    def __init__(self) -> None:
        self.seconds: dict[Phase, float] = {}
        self._phase: Phase | None = None
        self._since = 0.0

    def __call__(self, phase: Phase, done: float, *, total: float | None) -> None:
        """See `Tell`."""
        del done, total
        if phase != self._phase:
            self.stop()
            self._phase, self._since = phase, time.perf_counter()

    def stop(self) -> None:
        """The last phase has ended."""
        if self._phase is not None:
            self.seconds[self._phase] = time.perf_counter() - self._since
            self._phase = None
