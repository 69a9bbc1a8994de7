"""Hints that a document has changed, over Redis pub/sub. A hint may be late or lost: whoever waits also polls.

One connection listens for all waiters of the process.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from readsvc.redis_client import REDIS_FAULTS, ChannelListener, RedisClient

_log = logging.getLogger(__name__)
_LISTEN_SECONDS = 1.0
_RECONNECT_SECONDS = 0.5


class Subscription:
    """What one waiter listens to."""

    def __init__(self, hints: "ChangeHints") -> None:
        self._hints = hints
        self._changed = asyncio.Event()
        self._channels: set[str] = set()

    async def follow(self, channel: str) -> None:
        """Listen to a channel as well. Look at the document after this, not before."""
        if channel not in self._channels:
            self._channels.add(channel)
            await self._hints.add(channel, self._changed)

    async def wait(self, *, seconds: float) -> bool:
        """Until something that is followed has changed, or a time is over. Answers whether it has, as far as is known."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        changed = self._changed.is_set()
        self._changed.clear()
        return changed

    async def close(self) -> None:
        """Listen no more."""
        await self._hints.remove(self._channels, self._changed)


class ChangeHints:
    """Distributes messages to waiters. `keep_listening` must run as a task beside it."""

    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self._listener: ChannelListener | None = None
        self._waiters: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._wanted = asyncio.Event()

    @asynccontextmanager
    async def subscription(self) -> AsyncGenerator[Subscription]:
        """A subscription that ends with the context."""
        subscription = Subscription(self)
        try:
            yield subscription
        finally:
            await subscription.close()

    async def add(self, channel: str, waiter: asyncio.Event) -> None:
        """Wake a waiter when a channel has a message."""
        first = not self._waiters[channel]
        self._waiters[channel].add(waiter)
        self._wanted.set()
        if first and self._listener is not None:
            await self._tell(self._listener.subscribe(channel))

    async def remove(self, channels: Iterable[str], waiter: asyncio.Event) -> None:
        """Wake a waiter no more. It is forgotten under all channels before the first is left, which may be cancelled."""
        left = [channel for channel in channels if self._was_last(channel, waiter)]
        for channel in left:
            if self._listener is not None:
                await self._tell(self._listener.unsubscribe(channel))

    def _was_last(self, channel: str, waiter: asyncio.Event) -> bool:
        self._waiters[channel].discard(waiter)
        if self._waiters[channel]:
            return False
        del self._waiters[channel]
        return True

    async def keep_listening(self) -> None:
        """Listen until cancelled; a lost connection is made anew."""
        while True:
            await self._wanted.wait()
            listener = self._redis.listener()
            try:
                await self._listen(listener)
            except REDIS_FAULTS as error:
                _log.debug("change_hints_lost error=%r", error)
            finally:
                self._listener = None
                with suppress(*REDIS_FAULTS):
                    await listener.aclose()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen(self, listener: ChannelListener) -> None:
        connected_with = set(self._waiters)
        if not connected_with:
            self._wanted.clear()
            return
        await listener.subscribe(*connected_with)
        self._listener = listener
        came_meanwhile = set(self._waiters) - connected_with
        if came_meanwhile:
            await listener.subscribe(*came_meanwhile)
        while True:
            channel = await listener.next_channel(seconds=_LISTEN_SECONDS)
            for waiter in self._waiters.get(channel or "", ()):
                waiter.set()

    @staticmethod
    async def _tell(command: Coroutine[Any, Any, None]) -> None:
        """Send a command; where that fails the listener finds out for itself and connects anew."""
        with suppress(*REDIS_FAULTS):
            await command
