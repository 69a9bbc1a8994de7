"""What the cache has of a document, for people who look, and taking it out."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from shared.application.audit.ports import StationUnreadableError
from shared.contracts.cache_entries import decode_entry, entry_key


class RedisCachedRevisions:
    """A `CachedRevisions`. `generations` answers those that are kept up to date, the live one first."""

    def __init__(self, client: Redis, *, generations: Callable[[], Sequence[int]]) -> None:
        self._generations = generations
        self._client = cast(Any, client)  # the client's types promise awaitables and values at once

    def revision(self, view: str, document_id: str) -> int | None:
        """See `CachedRevisions.revision`."""
        live = self._generations()[0]
        try:
            value: bytes | None = self._client.get(entry_key(view, document_id, generation=live))
            return None if value is None else decode_entry(value).rev
        except (RedisError, OSError, ValueError) as error:
            raise StationUnreadableError("cache", f"{type(error).__name__}: {error}") from error

    def forget(self, view: str, document_id: str) -> None:
        """Take a document out; a cache that is away forgets by itself, within `TTL_SECONDS`."""
        keys = [entry_key(view, document_id, generation=generation) for generation in self._generations()]
        with suppress(RedisError, OSError):
            for key in keys:
                self._client.delete(key)
