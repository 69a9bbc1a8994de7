"""How long to wait after failures: doubling, with jitter, up to a cap, and never giving up."""

from dataclasses import dataclass, field
from random import Random

_LARGEST_EXPONENT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """A schedule of waits in seconds. Jitter keeps lanes that failed together from coming back together."""

    first_seconds: float = 0.25
    cap_seconds: float = 15.0
    random: Random = field(default_factory=Random)

    def seconds(self, failures: int) -> float:
        """The wait after this many failures in a row, between half of the full wait and all of it."""
        if failures < 1:
            return 0.0
        full = min(self.cap_seconds, self.first_seconds * 2 ** min(failures - 1, _LARGEST_EXPONENT))
        return full * self.random.uniform(0.5, 1.0)
