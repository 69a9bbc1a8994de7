"""Receivers with an owner level ("epoch") keep others from their partition, and give way to a higher one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from azure.eventhub.exceptions import EventHubError

from tests.integration.eventhubs.emulator import Emulator
from tests.integration.eventhubs.test_real_client import START, a_consumer, send

pytestmark = pytest.mark.integration

STOLEN = "amqp:link:stolen"


@dataclass
class Receiving:
    """A receiver at work: what it got, and why it could not go on."""

    got: list[str] = field(default_factory=list[str])
    failure: asyncio.Future[Exception] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def take(self, _: Any, events: list[Any]) -> None:
        self.got.extend(event.body_as_str() for event in events)

    async def fail(self, _: Any, error: Exception) -> None:
        if not self.failure.done():
            self.failure.set_result(error)

    async def has(self, body: str) -> None:
        async with asyncio.timeout(20):
            while body not in self.got:
                await asyncio.sleep(0.01)

    async def is_refused(self) -> str:
        async with asyncio.timeout(20):
            error = await self.failure
        assert isinstance(error, EventHubError)
        return str(error)


@asynccontextmanager
async def a_receiver(
    emulator: Emulator, *, level: int | None, group: str = "$Default", partition: str = "0"
) -> AsyncGenerator[Receiving]:
    """It tries nothing again by itself."""
    receiving = Receiving()
    async with a_consumer(emulator, group=group) as consumer:
        reading = asyncio.create_task(
            consumer.receive_batch(
                receiving.take,
                partition_id=partition,
                owner_level=level,
                on_error=receiving.fail,
                starting_position=START,
                max_wait_time=0.1,
            )
        )
        try:
            yield receiving
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


@pytest.mark.parametrize(("present", "newcomer"), [(1, 2), (1, 1), (None, 0)])
async def test_a_receiver_gives_way_to_another_of_the_same_level_or_a_higher_one(
    emulator: Emulator, present: int | None, newcomer: int
) -> None:
    await send(emulator, ["e"], partition="0")
    async with a_receiver(emulator, level=present) as first:
        await first.has("e")
        async with a_receiver(emulator, level=newcomer) as second:
            await second.has("e")
            assert STOLEN in await first.is_refused()
            assert not second.failure.done()


@pytest.mark.parametrize("newcomer", [1, None])
async def test_a_receiver_of_a_lower_level_or_none_is_refused_and_the_present_one_goes_on(
    emulator: Emulator, newcomer: int | None
) -> None:
    await send(emulator, ["before"], partition="0")
    async with a_receiver(emulator, level=2) as first:
        await first.has("before")
        async with a_receiver(emulator, level=newcomer) as second:
            assert STOLEN in await second.is_refused()
        assert second.got == []
        await send(emulator, ["after"], partition="0")
        await first.has("after")
        assert not first.failure.done()


async def test_a_level_counts_in_its_own_group_and_partition_and_for_as_long_as_its_receiver_is_there(
    emulator: Emulator,
) -> None:
    for partition in ("0", "1"):
        await send(emulator, [partition], partition=partition)
    async with a_receiver(emulator, level=5) as first:
        await first.has("0")
        async with a_receiver(emulator, level=1, group="second") as elsewhere:
            await elsewhere.has("0")
        async with a_receiver(emulator, level=1, partition="1") as beside:
            await beside.has("1")
        assert not first.failure.done()
    async with a_receiver(emulator, level=1) as later:
        await later.has("0")


async def test_receivers_without_a_level_read_beside_each_other(emulator: Emulator) -> None:
    await send(emulator, ["e"], partition="0")
    async with a_receiver(emulator, level=None) as one, a_receiver(emulator, level=None) as other:
        await one.has("e")
        await other.has("e")
