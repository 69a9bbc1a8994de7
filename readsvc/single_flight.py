"""Single flight: callers who want the same thing at the same time share one call."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class SingleFlight(Generic[Answer]):
    """Calls under way, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Task[Answer]] = {}

    async def share(self, key: str, call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Join the call that is under way for a key, or make it. A caller who leaves takes nobody along."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(call())
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(flight)

    def _land(self, key: str, flight: asyncio.Task[Answer]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # everybody may have left: then nobody else looks at it
