"""The parts that keep many callers from waiting for the same thing, or for a sick one."""

import asyncio

import pytest

from readsvc.circuit_breaker import CircuitBreaker
from readsvc.single_flight import SingleFlight

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
