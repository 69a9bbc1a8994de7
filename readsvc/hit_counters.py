"""How often the cache had the answer: counted here, added to counters in Redis in batches."""

import asyncio
import logging

from readsvc.redis_client import REDIS_FAULTS, RedisClient
from shared.contracts.cache_entries import HITS_KEY, MISSES_KEY

_log = logging.getLogger(__name__)
_FLUSH_SECONDS = 1.0


class HitCounters:
    """Counts of this process that are not yet in Redis."""

    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self._counts = {HITS_KEY: 0, MISSES_KEY: 0}

    def hit(self) -> None:
        """The cache had the answer, if only that there is no such document."""
        self._counts[HITS_KEY] += 1

    def miss(self) -> None:
        """The database had to be asked."""
        self._counts[MISSES_KEY] += 1

    async def flush(self) -> None:
        """Add what was counted to the counters in Redis; what can't be added is kept for the next time."""
        taken = {key: count for key, count in self._counts.items() if count}
        if not taken:
            return
        try:
            await self._redis.increment(taken)
        except REDIS_FAULTS as error:
            _log.debug("hit_counters_kept error=%r", error)
            return
        for key, count in taken.items():
            self._counts[key] -= count

    async def keep_flushing(self) -> None:
        """Flush each second until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(_FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()
