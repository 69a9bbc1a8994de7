"""The cache of view documents. It may be down, slow or empty: then it knows nothing, and the caller goes on."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

from readsvc.circuit_breaker import CircuitBreaker
from readsvc.redis_client import REDIS_FAULTS, RedisClient
from shared.contracts.cache_entries import (
    FILL_SCRIPT,
    LEASE_MILLISECONDS,
    NEGATIVE_ENTRY,
    NEGATIVE_TTL_SECONDS,
    TTL_JITTER_SECONDS,
    TTL_SECONDS,
    CacheEntry,
    decode_entry,
    encode_entry,
    lease_key,
)

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class DocumentCache:
    """Reads entries, and fills absent ones under a lease.

    `calls` is how many may be with Redis at a time. The others queue here, where waiting is no sign of a sick Redis.
    A call that its caller gave up after `slow_seconds` counts as failed: else callers with short deadlines would
    wait in vain for a hung Redis again and again.
    """

    def __init__(
        self, redis: RedisClient, *, breaker: CircuitBreaker, calls: int, slow_seconds: float
    ) -> None:
        self._redis = redis
        self._breaker = breaker
        self._slots = asyncio.Semaphore(calls)
        self._slow_seconds = slow_seconds
        self._probe: asyncio.Task[None] | None = None

    async def get(self, key: str) -> CacheEntry | None:
        """The entry; None where there is none, or where the cache can't say."""
        value = await self._guarded(lambda: self._redis.get(key), otherwise=None)
        try:
            return None if value is None else decode_entry(value)
        except ValueError:
            _log.warning("cache_entry_unreadable key=%s", key)
            return None

    async def lease(self, key: str) -> str | None:
        """Ask for the right to fill an entry, *before* the database is read; None where it is not given."""
        token = uuid4().hex
        granted = await self._guarded(
            lambda: self._redis.set_if_absent(lease_key(key), token, milliseconds=LEASE_MILLISECONDS),
            otherwise=False,
        )
        return token if granted else None

    async def fill(self, key: str, *, token: str, rev: int, document: bytes | None) -> None:
        """Put in what the database said; it counts only if nobody has written since the lease was given."""
        if document is None:
            value, seconds = NEGATIVE_ENTRY, float(NEGATIVE_TTL_SECONDS)
        else:
            value, seconds = encode_entry(rev=rev, document=document), _jittered_ttl()
        arguments: list[bytes | str | int] = [token, value, int(seconds * 1000)]
        await self._guarded(
            lambda: self._redis.run_script(FILL_SCRIPT, keys=[key, lease_key(key)], arguments=arguments),
            otherwise=0,
        )

    async def _guarded(self, call: Callable[[], Awaitable[Answer]], *, otherwise: Answer) -> Answer:
        if self._breaker.open:
            self._probe_if_due()
            return otherwise
        async with self._slots:
            if self._breaker.open:  # by those who were before in the queue
                return otherwise
            begun = time.monotonic()
            try:
                answer = await call()
            except REDIS_FAULTS as error:
                self._failed(error)
                return otherwise
            except asyncio.CancelledError as left:
                if time.monotonic() - begun >= self._slow_seconds:
                    self._failed(left)
                raise
            self._breaker.succeeded()
            return answer

    def _failed(self, error: BaseException) -> None:
        if self._breaker.failed():
            _log.warning("cache_unavailable error=%r", error)
            self._probe = asyncio.create_task(self._ask_for_a_sign_of_life())

    def _probe_if_due(self) -> None:
        if self._breaker.admits():
            self._probe = asyncio.create_task(self._ask_for_a_sign_of_life())

    async def _ask_for_a_sign_of_life(self) -> None:
        """Beside the calls, none of which is to wait for a server that was sick a moment ago."""
        try:
            await self._redis.ping()
        except REDIS_FAULTS:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
            _log.info("cache_available_again")


def _jittered_ttl() -> float:
    """Entries that were filled together must not all vanish together."""
    return TTL_SECONDS - random.uniform(0, TTL_JITTER_SECONDS)  # noqa: S311 nothing secret
