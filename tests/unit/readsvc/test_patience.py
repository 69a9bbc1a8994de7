"""The parts that keep many callers from waiting for the same thing, or for a sick one."""

import asyncio

import pytest

from readsvc.circuit_breaker import CircuitBreaker
from readsvc.single_flight import NextFlight, SingleFlight
from tests.unit.readsvc.settling import settle

pytestmark = pytest.mark.unit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_some_failures_in_a_row_nobody_is_admitted_but_a_probe_now_and_then() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=2, rest_seconds=1, clock=clock)
    assert [breaker.failed(), breaker.admits(), breaker.failed()] == [False, True, True]
    assert not breaker.admits()
    clock.now = 1.0
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.succeeded()
    assert breaker.admits()


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = CircuitBreaker(failures=2, clock=Clock())
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.admits()


async def test_callers_at_the_same_time_share_one_call_though_the_first_leaves() -> None:
    flights: SingleFlight[int] = SingleFlight()
    go = asyncio.Event()
    calls = 0

    async def call() -> int:
        nonlocal calls
        calls += 1
        await go.wait()
        return calls

    first, second = (asyncio.create_task(flights.share("key", call)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert await second == 1
    assert await flights.share("key", call) == 2


async def test_a_failure_is_everybodys_and_is_not_kept() -> None:
    flights: SingleFlight[int] = SingleFlight()

    async def fail() -> int:
        raise LookupError

    async def succeed() -> int:
        return 1

    outcomes = await asyncio.gather(*(flights.share("key", fail) for _ in range(2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LookupError, LookupError]
    assert await flights.share("key", succeed) == 1


class Slow:
    """Calls that end when they are told; each answers its number."""

    def __init__(self) -> None:
        self.begun = 0
        self.at_once = 0
        self.most_at_once = 0
        self._go = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self._go.wait()
        self.at_once -= 1
        return number

    def go(self) -> None:
        self._go.set()


async def test_a_thousand_who_wait_make_one_call_after_the_other() -> None:
    flights: NextFlight[int] = NextFlight()
    slow = Slow()
    waiting: list[asyncio.Task[int]] = []
    for _ in range(2):
        waiting += [asyncio.create_task(flights.share("key", slow)) for _ in range(500)]
        await settle()
    slow.go()
    assert [await one for one in waiting] == [1] * 500 + [2] * 500
    assert slow.most_at_once == 1


async def test_the_answer_is_never_older_than_the_question() -> None:
    flights: NextFlight[int] = NextFlight()
    slow = Slow()
    first = asyncio.create_task(flights.share("key", slow))
    await settle()
    late = [asyncio.create_task(flights.share("key", slow)) for _ in range(3)]
    await settle()
    assert slow.begun == 1
    late[0].cancel()
    slow.go()
    assert (await first, await late[1], await late[2]) == (1, 2, 2)
    assert await flights.share("key", slow) == 3


async def test_a_failure_does_not_stop_the_next_flight() -> None:
    flights: NextFlight[int] = NextFlight()
    slow = Slow()

    async def fail() -> int:
        await slow()
        raise LookupError

    failing = asyncio.create_task(flights.share("key", fail))
    await settle()
    after = asyncio.create_task(flights.share("key", slow))
    await settle()
    slow.go()
    outcomes = await asyncio.gather(failing, after, return_exceptions=True)
    assert [type(outcomes[0]), outcomes[1]] == [LookupError, 2]


async def test_keys_do_not_wait_for_each_other() -> None:
    flights: NextFlight[int] = NextFlight()
    slow = Slow()
    both = [asyncio.create_task(flights.share(key, slow)) for key in ("one", "other")]
    await settle()
    assert slow.at_once == 2
    slow.go()
    assert await asyncio.gather(*both) == [1, 2]
