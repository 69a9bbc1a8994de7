"""How long the master waits: after failures, in silence, and for its lease."""

from random import Random

import pytest

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.polling_pace import PollingPace

pytestmark = pytest.mark.unit

CHANCE = Random(1)  # noqa: S311 repeatable on purpose


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_without_failure_there_is_no_wait() -> None:
    assert Backoff().seconds(0) == 0.0


def test_the_wait_doubles_up_to_its_cap() -> None:
    backoff = Backoff(first_seconds=0.25, cap_seconds=15.0, random=CHANCE)
    for failures, full in [(1, 0.25), (2, 0.5), (3, 1.0), (6, 8.0), (7, 15.0), (100_000, 15.0)]:
        waits = [backoff.seconds(failures) for _ in range(200)]
        assert full / 2 <= min(waits) < max(waits) <= full


def test_lanes_that_fail_together_do_not_come_back_together() -> None:
    backoff = Backoff(random=CHANCE)
    assert len({backoff.seconds(5) for _ in range(20)}) == 20


def test_polls_are_close_after_work_and_far_apart_after_long_silence() -> None:
    clock = Clock()
    pace = PollingPace(shortest_seconds=0.02, longest_seconds=0.25, clock=clock)
    pace.saw_work()
    assert pace.seconds() == 0.02
    clock.now += 1.0
    assert pace.seconds() == pytest.approx(0.05)
    clock.now += 60.0
    assert pace.seconds() == 0.25
    pace.saw_work()
    assert pace.seconds() == 0.02


def test_a_deadline_permits_only_what_ends_within_the_lease() -> None:
    clock = Clock()
    deadline = LeaseDeadline.starting_now(lease_seconds=15.0, clock=clock)
    clock.now += 10.0
    assert deadline.permits(5.0)
    assert not deadline.permits(5.1)
