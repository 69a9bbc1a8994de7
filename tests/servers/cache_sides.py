"""The cache as its two sides have it: the projector's writer and the read service's reader, on one Redis."""

import asyncio
from typing import Any, cast

from redis import Redis

from readsvc.cache import DocumentCache
from readsvc.circuit_breaker import CircuitBreaker
from readsvc.redis_client import RedisClient
from shared.contracts.cache_entries import CacheEntry, decode_entry, entry_key, lease_key
from shared.contracts.documents import FIRST_GENERATION, ShowtimeDocument
from shared.infrastructure.cache.redis_view_cache import RedisViewCache


class CacheSides:
    """One showtime's entry. Calls of the reader run to their end, one by one, on a loop of their own."""

    def __init__(self, redis_url: str, *, showtime_id: str) -> None:
        self.redis: Any = cast(Any, Redis).from_url(redis_url)
        self.key = entry_key(ShowtimeDocument.view, showtime_id, generation=FIRST_GENERATION)
        self._writer = RedisViewCache(self.redis, generation=FIRST_GENERATION)
        self._loop = asyncio.Runner()
        self._client = RedisClient(redis_url, timeout_seconds=10)
        self._reader = DocumentCache(self._client, breaker=CircuitBreaker(), calls=8, slow_seconds=10)

    def project(self, document: ShowtimeDocument) -> None:
        """The projector's write."""
        self._writer.write([document])
        assert not self._writer.lost_writes

    def lease(self) -> str | None:
        """A reader asks for the right to fill."""
        return self._loop.run(self._reader.lease(self.key))

    def fill(self, document: ShowtimeDocument | None, *, token: str) -> None:
        """A reader puts in what it found in MongoDB."""
        text = None if document is None else document.model_dump_json(by_alias=True).encode()
        rev = 0 if document is None else document.rev
        self._loop.run(self._reader.fill(self.key, token=token, rev=rev, document=text))

    def entry(self) -> CacheEntry | None:
        """What the next reader gets."""
        value = self.redis.get(self.key)
        return None if value is None else decode_entry(value)

    def rev(self) -> int | None:
        """The entry's rev: 0 if it says that there is no such document, None if there is no entry."""
        entry = self.entry()
        return None if entry is None else entry.rev

    def evict(self) -> None:
        """The entry alone, as Redis does when its memory is full, or when the entry's time is over."""
        self.redis.delete(self.key)

    def expire_lease(self) -> None:
        """As time does."""
        self.redis.delete(lease_key(self.key))

    def close(self) -> None:
        self._loop.run(self._client.aclose())
        self._loop.close()
        self.redis.close()
