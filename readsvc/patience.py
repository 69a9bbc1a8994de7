"""A limit on waiting for a server that does not blame the server for a busy process."""

import asyncio
from types import TracebackType
from typing import Self

_TICKS = 10


class Patience:
    """As `asyncio.timeout`, but the time in which the process was too busy to look does not count.

    When the loop was busy for longer than the limit, it finds the answer and the end of the limit in the same turn, and
    `asyncio.timeout` cancels. With thousands of calls at once that would look like a Redis that does not answer, and
    send them all to MongoDB, which makes the process busier still. So the limit is a number of ticks, of which a late
    one counts no more than one in time.

    Raises:
        TimeoutError: at the end of the context, if it took too long.
    """

    def __init__(self, seconds: float) -> None:
        self._tick_seconds = seconds / _TICKS
        self._limit = asyncio.timeout(None)

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(self._tick_seconds, self._tick, _TICKS - 1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        self._timer.cancel()
        return await self._limit.__aexit__(kind, error, traceback)

    def _tick(self, left: int) -> None:
        if left:
            self._timer = self._loop.call_later(self._tick_seconds, self._tick, left - 1)
        else:
            self._limit.reschedule(self._loop.time())
