"""The bounded queue between the poller and a sink's workers: hints of lanes with work, nothing that ages."""

import asyncio
from collections.abc import Iterable


class LaneQueue:
    """Each lane stands in it, or is being worked on, at most once."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: asyncio.Queue[int | None] = asyncio.Queue()
        self._in_hand: set[int] = set()
        self._closed = False

    @property
    def has_room(self) -> bool:
        """Whether a further hint would be taken."""
        return not self._closed and self._waiting.qsize() < self._capacity

    def offer(self, lanes: Iterable[int]) -> bool:
        """Take hints as long as there is room; the next poll finds again what is left out. Whether any was new."""
        before = self._waiting.qsize()
        for lane in lanes:
            if self.has_room and lane not in self._in_hand:
                self._in_hand.add(lane)
                self._waiting.put_nowait(lane)
        return self._waiting.qsize() > before

    async def next(self) -> int | None:
        """The next lane to work on, to be followed by `done`; None once the queue is closed."""
        lane = await self._waiting.get()
        if lane is None:
            self._waiting.put_nowait(None)
        return lane

    def done(self, lane: int) -> None:
        """The lane may be hinted again."""
        self._in_hand.discard(lane)

    def drop_waiting(self) -> None:
        """Forget the hints that nobody has taken up."""
        while self._waiting.qsize() and not self._closed:
            lane = self._waiting.get_nowait()
            if lane is not None:
                self._in_hand.discard(lane)

    def close(self) -> None:
        """Send the workers home, each once it has finished what it has in hand."""
        self.drop_waiting()
        self._closed = True
        self._waiting.put_nowait(None)
