"""Which generation of the views is read: looked up again and again, since a rebuild puts another in its place.

A generation that was replaced is kept up to date for some time, so that knowledge of a second ago is still right.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from readsvc.errors import UnavailableError
from shared.contracts.generations import REREAD_SECONDS, Generations

_log = logging.getLogger(__name__)


class LiveGeneration:
    """The number of the live generation as it was last seen. `keep_looking` must run as a task beside it."""

    def __init__(self, look: Callable[[], Awaitable[Generations]]) -> None:
        self._look = look
        self._number: int | None = None

    @property
    def number(self) -> int:
        """The number. A reading takes it once, and keeps to it.

        Raises:
            UnavailableError: MongoDB has not answered since the process started. A guess could be a generation that is
                no longer written.
        """
        if self._number is None:
            raise UnavailableError
        return self._number

    async def look(self) -> None:
        """Look now; if nobody answers, what was seen last stays."""
        try:
            seen = (await self._look()).live
        except UnavailableError:
            return
        if seen != self._number:
            _log.info("views_generation live=%d before=%s", seen, self._number)
            self._number = seen

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(REREAD_SECONDS)
            await self.look()
