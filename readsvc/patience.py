"""A limit on waiting for a server that does not blame the server for a busy process."""

import asyncio
from types import TracebackType
from typing import Self

_TURNS = 3


class Patience:
    """As `asyncio.timeout`, but an answer that has come is taken.

    When the loop was busy for longer than the limit, it finds the answer and the end of the limit in the same turn, and
    `asyncio.timeout` cancels. With thousands of calls at once that would look like a Redis that does not answer, and
    send them all to MongoDB, which makes the process busier still. So here the loop turns some times more first.

    Raises:
        TimeoutError: at the end of the context, if it took too long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._limit = asyncio.timeout(None)

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle = self._loop.call_later(self._seconds, self._turn, _TURNS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        self._timer.cancel()
        return await self._limit.__aexit__(kind, error, traceback)

    def _turn(self, left: int) -> None:
        if left:
            self._timer = self._loop.call_soon(self._turn, left - 1)
        else:
            self._limit.reschedule(self._loop.time())
