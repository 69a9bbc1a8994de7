"""The few Redis commands that the read service uses, typed: redis-py's own signatures are loose."""

import sys
from collections.abc import Awaitable, Mapping
from typing import Any, cast

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from readsvc.patience import Patience
from shared.identity.redis_sign_in import async_sign_in
from shared.identity.sign_in import SignIn

REDIS_FAULTS = (RedisError, OSError, TimeoutError)
"""What a call to Redis may fail with when Redis is down, slow or sick."""

_PROBE_PATIENCE = 5


class ChannelListener:
    """A connection that listens to channels; it connects with its first subscription."""

    def __init__(self, pubsub: Any, *, seconds: float) -> None:
        self._pubsub = pubsub
        self._seconds = seconds

    async def subscribe(self, *channels: str) -> None:
        """Listen to channels as well."""
        async with Patience(self._seconds):
            await self._pubsub.subscribe(*channels)

    async def unsubscribe(self, channel: str) -> None:
        """Listen to a channel no more."""
        async with Patience(self._seconds):
            await self._pubsub.unsubscribe(channel)

    async def next_channel(self, *, seconds: float) -> str | None:
        """The channel of the next message, or None if there is none within some seconds."""
        message = await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds)
        return None if message is None else cast(bytes, message["channel"]).decode()

    async def aclose(self) -> None:
        """Give the connection back."""
        await self._pubsub.aclose()


class RedisClient:
    """A pool with a connection for each call at a time: who calls much bounds that, and nobody waits in here.

    Nothing is tried twice: whoever calls has another way, or another time. `timeout_seconds` bounds each call, with
    connecting where it has to connect.
    """

    def __init__(self, url: str, *, timeout_seconds: float, auth: SignIn = "none") -> None:
        sign_in = async_sign_in(auth)
        self._pool = _pool(url, timeout_seconds=timeout_seconds, sign_in=sign_in.for_commands)
        self._listening_pool = _pool(url, timeout_seconds=timeout_seconds, sign_in=sign_in.for_listening)
        self._redis: Any = Redis(connection_pool=self._pool)
        self._listening: Any = Redis(connection_pool=self._listening_pool)
        self._seconds = timeout_seconds

    async def ping(self) -> None:
        """Ask for a sign of life. That may take longer, since afterwards there is a connection."""
        async with Patience(_PROBE_PATIENCE * self._seconds):
            await cast(Awaitable[object], self._redis.ping())

    async def get(self, key: str) -> bytes | None:
        """A value, or None."""
        async with Patience(self._seconds):
            return await cast(Awaitable[bytes | None], self._redis.get(key))

    async def set_if_absent(self, key: str, value: str, *, milliseconds: int) -> bool:
        """Whether the key was absent and is now set, for a time."""
        async with Patience(self._seconds):
            return bool(await self._redis.set(key, value, nx=True, px=milliseconds))

    async def run_script(self, script: str, *, keys: list[str], arguments: list[bytes | str | int]) -> int:
        """Run a Lua script that answers a number."""
        async with Patience(self._seconds):
            return int(await self._redis.eval(script, len(keys), *keys, *arguments))

    async def increment(self, amounts: Mapping[str, int]) -> None:
        """Add to counters, all or none."""
        async with Patience(self._seconds), self._redis.pipeline(transaction=True) as pipeline:
            for key, amount in amounts.items():
                pipeline.incrby(key, amount)
            await pipeline.execute()

    def listener(self) -> ChannelListener:
        """A connection for listening."""
        return ChannelListener(self._listening.pubsub(), seconds=self._seconds)

    async def aclose(self) -> None:
        """Close every connection."""
        for client, pool in ((self._redis, self._pool), (self._listening, self._listening_pool)):
            await client.aclose()
            await pool.disconnect()


def _pool(url: str, *, timeout_seconds: float, sign_in: dict[str, Any]) -> Any:
    options = cast(dict[str, Any], parse_url(url)) | {
        "max_connections": sys.maxsize,
        "socket_timeout": None,  # each call has its own limit
        "socket_connect_timeout": timeout_seconds,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 0),
    }
    return cast(Any, ConnectionPool)(**(options | sign_in))
