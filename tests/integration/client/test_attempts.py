"""Which calls the client makes again, and how long it gives them."""

import grpc
import pytest

from cinema_client import (
    CinemaClient,
    DeadlineExceededError,
    NotReachedError,
    UnavailableError,
    UnexpectedStatusError,
)
from tests.servers.scripted_read_service import serving

pytestmark = pytest.mark.integration


async def test_a_query_is_asked_again_while_nobody_can_answer() -> None:
    unavailable = grpc.StatusCode.UNAVAILABLE
    async with serving(unavailable, unavailable) as (service, target), CinemaClient(target) as cinema:
        assert (await cinema.showtime("a")).showtime_id == "a"
        assert len(service.seconds_left) == 3


async def test_it_gives_up_after_some_attempts() -> None:
    refusals = [grpc.StatusCode.UNAVAILABLE] * 9
    async with serving(*refusals) as (service, target), CinemaClient(target) as cinema:
        with pytest.raises(UnavailableError, match="as it was told"):
            await cinema.showtime("a")
        assert len(service.seconds_left) == 4


async def test_a_mistake_is_not_repeated() -> None:
    async with serving(grpc.StatusCode.INTERNAL) as (service, target), CinemaClient(target) as cinema:
        with pytest.raises(UnexpectedStatusError) as refused:
            await cinema.showtime("a")
        assert refused.value.code is grpc.StatusCode.INTERNAL
        assert len(service.seconds_left) == 1


async def test_every_call_has_a_deadline_that_the_service_knows() -> None:
    async with serving() as (service, target), CinemaClient(target, timeout=60) as cinema:
        await cinema.showtime("a")
        await cinema.showtime("a", timeout=30)
    usual, shorter = service.seconds_left
    assert 31 < usual < 61
    assert 0 < shorter < 31


async def test_an_answer_that_does_not_come_in_time_is_no_sequence_that_was_not_reached() -> None:
    async with serving(answering=False) as (_, target), CinemaClient(target) as cinema:
        with pytest.raises(DeadlineExceededError) as slow:
            await cinema.showtime("a", timeout=0.2)
        assert not isinstance(slow.value, NotReachedError)


async def test_who_has_no_time_left_does_not_ask() -> None:
    async with serving() as (service, target), CinemaClient(target) as cinema:
        with pytest.raises(DeadlineExceededError):
            await cinema.showtime("a", timeout=0)
        assert service.seconds_left == []
