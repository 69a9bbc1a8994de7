"""While a sink is down, one lane at a time asks."""

import pytest

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.circuit_breaker import CircuitBreaker

pytestmark = pytest.mark.unit

LANES = [5, 3, 9]
PROBE_SECONDS = 15.0


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(backoff=Backoff(), probe_seconds=PROBE_SECONDS, threshold=3, clock=clock)


def opened(breaker: CircuitBreaker) -> None:
    for _ in range(3):
        breaker.failed()


def test_closed_it_admits_every_lane(breaker: CircuitBreaker) -> None:
    breaker.failed()
    breaker.failed()
    assert not breaker.is_open
    assert breaker.admit(LANES) == LANES


def test_a_success_between_failures_keeps_it_closed(breaker: CircuitBreaker) -> None:
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert not breaker.is_open


def test_open_it_admits_nothing_until_it_is_time_for_a_probe(breaker: CircuitBreaker) -> None:
    opened(breaker)
    assert breaker.is_open
    assert list(breaker.admit(LANES)) == []


def test_then_it_admits_one_lane_and_waits_again(breaker: CircuitBreaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 0.3
    assert list(breaker.admit(LANES)) == [5]
    assert list(breaker.admit(LANES)) == []


def test_while_a_probe_is_under_way_there_is_no_other(breaker: CircuitBreaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 0.3
    breaker.admit(LANES)
    clock.now += PROBE_SECONDS - 0.1
    assert list(breaker.admit(LANES)) == []


def test_a_probe_that_never_ends_is_followed_by_another(breaker: CircuitBreaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 0.3
    breaker.admit(LANES)
    clock.now += PROBE_SECONDS
    assert list(breaker.admit(LANES)) == [5]


def test_a_probe_that_fails_is_followed_by_another_after_the_back_off(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += 0.3
    breaker.admit(LANES)
    breaker.failed()
    clock.now += 0.6
    assert list(breaker.admit(LANES)) == [5]


def test_having_nothing_to_probe_with_does_not_use_the_probe_up(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += 0.3
    assert list(breaker.admit([])) == []
    assert list(breaker.admit(LANES)) == [5]


def test_probes_become_rarer_up_to_the_cap(breaker: CircuitBreaker, clock: Clock) -> None:
    opened(breaker)
    for _ in range(20):
        breaker.failed()
    clock.now += 7.0
    assert list(breaker.admit(LANES)) == []
    clock.now += 8.1
    assert list(breaker.admit(LANES)) == [5]


def test_a_successful_probe_closes_it(breaker: CircuitBreaker) -> None:
    opened(breaker)
    breaker.succeeded()
    assert breaker.admit(LANES) == LANES


def test_it_remembers_whether_the_last_try_succeeded(breaker: CircuitBreaker) -> None:
    seen = [breaker.last_succeeded]
    for outcome in (breaker.succeeded, breaker.failed, breaker.succeeded):
        outcome()
        seen.append(breaker.last_succeeded)
    assert seen == [False, True, False, True]
