"""How many calls a sick Redis costs."""

import asyncio

import pytest

from readsvc.cache import DocumentCache
from readsvc.circuit_breaker import CircuitBreaker
from readsvc.redis_client import RedisClient
from tests.unit.readsvc.settling import settle

pytestmark = pytest.mark.unit

CALLS_AT_A_TIME = 4


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class SickRedis(RedisClient):
    """Answers nothing until it is told that time is up, or that it is well."""

    def __init__(self) -> None:
        self.well = False
        self.gets = 0
        self.pings = 0
        self._time_is_up = asyncio.Event()

    def time_is_up(self) -> None:
        self._time_is_up.set()
        self._time_is_up = asyncio.Event()

    async def get(self, key: str) -> bytes | None:  # noqa: ARG002 the port's name
        self.gets += 1
        await self._answer()
        return b"1\n{}"

    async def ping(self) -> None:
        self.pings += 1
        await self._answer()

    async def _answer(self) -> None:
        if not self.well:
            await self._time_is_up.wait()
            raise TimeoutError


class Sickroom:
    def __init__(self) -> None:
        self.redis, self.clock = SickRedis(), Clock()
        breaker = CircuitBreaker(failures=3, rest_seconds=1, clock=self.clock)
        self.cache = DocumentCache(self.redis, breaker=breaker, calls=CALLS_AT_A_TIME, slow_seconds=60)

    async def gets(self, number: int) -> list[asyncio.Task[object]]:
        asked = [asyncio.create_task(self.cache.get("key")) for _ in range(number)]
        await settle()
        return [*asked]


async def test_a_crowd_costs_a_sick_redis_only_those_calls_that_were_with_it() -> None:
    room = Sickroom()
    asked = await room.gets(100)
    assert room.redis.gets == CALLS_AT_A_TIME
    room.redis.time_is_up()
    assert await asyncio.gather(*asked) == [None] * 100
    assert (room.redis.gets, room.redis.pings) == (CALLS_AT_A_TIME, 1)


async def test_while_it_is_sick_nobody_waits_and_it_is_asked_once_in_a_while() -> None:
    room = Sickroom()
    asked = await room.gets(10)
    room.redis.time_is_up()
    await asyncio.gather(*asked)
    for _ in range(3):
        room.redis.time_is_up()
        await settle()
        room.clock.now += 1.5
        assert await asyncio.gather(*await room.gets(10)) == [None] * 10
    assert (room.redis.gets, room.redis.pings) == (CALLS_AT_A_TIME, 4)


async def test_once_it_is_well_it_answers_again() -> None:
    room = Sickroom()
    asked = await room.gets(10)
    room.redis.time_is_up()
    await asyncio.gather(*asked)
    room.redis.time_is_up()
    await settle()
    room.redis.well = True
    room.clock.now += 1.5
    await asyncio.gather(*await room.gets(1))
    await settle()
    assert await room.cache.get("key") is not None


async def test_a_caller_who_leaves_at_once_says_nothing_of_redis() -> None:
    room = Sickroom()
    for _ in range(10):
        [asked] = await room.gets(1)
        asked.cancel()
        await settle()
    assert room.redis.gets == 10
