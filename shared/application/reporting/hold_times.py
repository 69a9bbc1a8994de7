"""How long people take to confirm: mean and median of a distribution, since databases disagree on percentiles."""

from collections.abc import Iterable


class HoldTimes:
    """How many holds were confirmed after how many seconds: (seconds, holds), each number of seconds once."""

    def __init__(self, distribution: Iterable[tuple[int, int]]) -> None:
        self._distribution = sorted(distribution)
        self._holds = sum(holds for _, holds in self._distribution)

    def mean(self) -> float | None:
        """The mean in seconds; None without any hold."""
        if not self._holds:
            return None
        return sum(seconds * holds for seconds, holds in self._distribution) / self._holds

    def median(self) -> float | None:
        """The middle one in seconds, or halfway between the two middle ones; None without any hold."""
        if not self._holds:
            return None
        return (self._at((self._holds - 1) // 2) + self._at(self._holds // 2)) / 2

    def _at(self, place: int) -> int:
        """The seconds of the hold at a place, from 0, in order of time."""
        for seconds, holds in self._distribution:
            if place < holds:
                return seconds
            place -= holds
        raise IndexError(place)
