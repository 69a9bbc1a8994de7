"""Callers who want the same thing at the same time share one call.

    SingleFlight    joins the call that is under way: its answer may be as old as that call's beginning
    NextFlight      joins the call that begins next: its answer is not older than the question

A caller who leaves, or whose deadline passes, takes nobody along: the call goes on by itself.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class SingleFlight(Generic[Answer]):
    """Calls under way, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Task[Answer]] = {}

    async def share(self, key: str, call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Join the call that is under way for a key, or make it."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(call())
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(flight)

    def _land(self, key: str, flight: asyncio.Task[Answer]) -> None:
        del self._flights[key]
        _look_at_failure(flight)


class NextFlight(Generic[Answer]):
    """Calls one after the other for each key, whoever many wait: one is under way, and one is to come for all the rest."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[Answer]] = {}
        self._to_come: dict[str, asyncio.Task[Answer]] = {}

    async def share(self, key: str, call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Join the next call for a key."""
        flight = self._to_come.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fly(key, call, after=self._under_way.get(key)))
            self._to_come[key] = flight
            flight.add_done_callback(_look_at_failure)
        return await asyncio.shield(flight)

    async def _fly(
        self,
        key: str,
        call: Callable[[], Coroutine[Any, Any, Answer]],
        *,
        after: asyncio.Task[Answer] | None,
    ) -> Answer:
        if after is not None:
            await asyncio.wait([after])
        self._under_way[key] = self._to_come.pop(key)
        try:
            return await call()
        finally:
            del self._under_way[key]


def _look_at_failure(flight: asyncio.Task[Any]) -> None:
    """Everybody may have left: then nobody else looks at it, and asyncio would complain."""
    if not flight.cancelled():
        flight.exception()
