"""The projector's side of the cache. It must never hold up a partition: it is short of patience, and never raises."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from shared.contracts.cache_entries import (
    PROJECT_SCRIPT,
    TTL_JITTER_SECONDS,
    TTL_SECONDS,
    channel,
    encode_entry,
    entry_key,
    lease_key,
)
from shared.contracts.documents import ViewDocument

_LOG = logging.getLogger(__name__)
_REST_SECONDS = 2.0


class RedisViewCache:
    """Writes documents that were just written to one generation of the store. After a fault it rests a while before it tries again."""

    def __init__(
        self,
        client: Redis,
        *,
        generation: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = cast(Any, client)  # the client's types promise awaitables and values at once
        self._generation = generation
        self._monotonic = monotonic
        self._rests_until = 0.0
        self.lost_writes = 0

    def write(self, documents: Sequence[ViewDocument]) -> None:
        """Put documents in the cache, unless it holds newer ones, and tell who watches them."""
        if not documents:
            return
        if self._monotonic() < self._rests_until:
            self.lost_writes += len(documents)
            return
        try:
            self._write(documents)
        except (RedisError, OSError) as error:
            self._rests_until = self._monotonic() + _REST_SECONDS
            self.lost_writes += len(documents)
            _LOG.warning("cache_write_lost documents=%d error=%s", len(documents), type(error).__name__)

    def _write(self, documents: Sequence[ViewDocument]) -> None:
        with self._client.pipeline(transaction=False) as pipeline:
            for document in documents:
                key = entry_key(document.view, document.id, generation=self._generation)
                told = channel(document.view, document.id, generation=self._generation)
                value = encode_entry(
                    rev=document.rev, document=document.model_dump_json(by_alias=True).encode()
                )
                arguments = [document.rev, value, _time_to_live_ms(), told]
                # The script's text, not its digest: a server that has forgotten its scripts would lose the write.
                pipeline.eval(PROJECT_SCRIPT, 2, key, lease_key(key), *arguments)
            pipeline.execute()


def _time_to_live_ms() -> int:
    """Jitter, so that entries written together do not expire together."""
    return int(1000 * (TTL_SECONDS - random.uniform(0, TTL_JITTER_SECONDS)))  # noqa: S311 # no secret depends on it
