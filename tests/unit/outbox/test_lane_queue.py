"""The bounded queue of hints."""

import asyncio

import pytest

from shared.application.outbox.lane_queue import LaneQueue

pytestmark = pytest.mark.unit


async def test_it_takes_no_more_than_its_capacity() -> None:
    queue = LaneQueue(capacity=2)
    assert queue.offer([1, 2, 3])
    assert not queue.has_room
    assert [await queue.next(), await queue.next()] == [1, 2]
    assert queue.has_room


async def test_a_lane_in_hand_is_not_hinted_again_until_it_is_done() -> None:
    queue = LaneQueue(capacity=4)
    queue.offer([1])
    assert not queue.offer([1])
    assert await queue.next() == 1
    assert not queue.offer([1])
    queue.done(1)
    assert queue.offer([1])


async def test_closing_sends_every_worker_home() -> None:
    queue = LaneQueue(capacity=4)
    workers = [asyncio.create_task(queue.next()) for _ in range(3)]
    await asyncio.sleep(0)
    queue.close()
    assert await asyncio.gather(*workers) == [None, None, None]


async def test_hints_that_wait_at_the_close_are_dropped() -> None:
    queue = LaneQueue(capacity=4)
    queue.offer([1, 2])
    queue.close()
    assert await queue.next() is None
    assert not queue.offer([3])


async def test_dropping_after_the_close_keeps_nobody_from_going_home() -> None:
    queue = LaneQueue(capacity=4)
    queue.close()
    queue.drop_waiting()
    assert await queue.next() is None


async def test_dropped_hints_may_be_offered_again() -> None:
    queue = LaneQueue(capacity=4)
    queue.offer([1, 2])
    queue.drop_waiting()
    assert queue.offer([2])
    assert await queue.next() == 2
