"""The read service's counters in Redis, for those who look at the pipeline."""

from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from shared.application.audit.ports import StationUnreadableError
from shared.application.pipeline.pipeline import CacheCounts
from shared.contracts.cache_entries import HITS_KEY, MISSES_KEY


class RedisCounters:
    """A `CacheCounters`."""

    def __init__(self, client: Redis) -> None:
        self._client = cast(Any, client)  # the client's types promise awaitables and values at once

    def counts(self) -> CacheCounts:
        """See `CacheCounters.counts`. A counter that is not there has not counted yet."""
        try:
            hits, misses = (int(value or 0) for value in self._client.mget(HITS_KEY, MISSES_KEY))
        except (RedisError, OSError, ValueError) as error:
            raise StationUnreadableError("cache", f"{type(error).__name__}: {error}") from error
        return CacheCounts(hits=hits, misses=misses)
