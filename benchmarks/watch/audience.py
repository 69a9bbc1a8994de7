"""Many watchers of one showtime in one process, and when each of them got what."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import httpx

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb

_CHANNELS = 10
_DEADLINE_SECONDS = 120
_METHOD = "/cinema.read.v1.CinemaQuery/WatchShowtime"

Seats = list[tuple[str, int, str]]
Message = tuple[int, Seats]
"""A sequence that was reached, and the seats that came with it."""

Open = Callable[[], AsyncIterator[Message]]


@dataclass
class Watcher:
    """What one watcher has, and when it got there."""

    sequence: int = 0
    messages: int = 0
    seats: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    arrivals: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    async def watch(self, stream: AsyncIterator[Message], *, news: asyncio.Event) -> None:
        async for sequence, seats in stream:
            self.arrivals.append((time.perf_counter(), sequence))
            self.sequence = sequence
            self.messages += 1
            self.seats |= {(row, number): status for row, number, status in seats}
            news.set()

    def reached(self, sequence: int) -> float:
        """When it had a sequence."""
        return next(moment for moment, arrived in self.arrivals if arrived >= sequence)


class Audience:
    """Watchers that are all watching."""

    def __init__(self, watchers: Sequence[Watcher], *, news: asyncio.Event) -> None:
        self.watchers = watchers
        self._news = news

    async def until_all_have(self, sequence: int) -> None:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            while any(watcher.sequence < sequence for watcher in self.watchers):
                await self._news.wait()
                self._news.clear()

    @property
    def messages(self) -> int:
        return sum(watcher.messages for watcher in self.watchers)


@asynccontextmanager
async def gathered(streams: Sequence[Open]) -> AsyncGenerator[Audience]:
    """One watcher for each stream; each has its first message when the context begins."""
    news = asyncio.Event()
    watchers = [Watcher() for _ in streams]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(watcher.watch(stream(), news=news))
            for watcher, stream in zip(watchers, streams, strict=True)
        ]
        audience = Audience(watchers, news=news)
        await audience.until_all_have(1)
        yield audience
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def grpc_streams(target: str, showtime_id: str, *, count: int) -> AsyncGenerator[list[Open]]:
    """Watchers over gRPC that share some connections, as those of a gateway do."""
    request = pb.WatchShowtimeRequest(showtime_id=showtime_id)
    async with AsyncExitStack() as stack:
        options = [("grpc.use_local_subchannel_pool", 1)]
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(target, options=options))
            for _ in range(min(count, _CHANNELS))
        ]
        calls: list[Any] = [
            channel.unary_stream(
                _METHOD,
                request_serializer=pb.WatchShowtimeRequest.SerializeToString,
                response_deserializer=pb.WatchShowtimeResponse.FromString,
            )
            for channel in channels
        ]

        async def stream(number: int) -> AsyncIterator[Message]:
            async for message in calls[number % len(calls)](request):
                yield message.to_sequence, [(seat.row, seat.number, seat.status) for seat in message.seats]

        yield [lambda number=number: stream(number) for number in range(count)]


@asynccontextmanager
async def event_streams(gateway: str, showtime_id: str, *, count: int) -> AsyncGenerator[list[Open]]:
    """Watchers through the gateway, each with a connection of its own, as browsers have."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=gateway, trust_env=False, timeout=60, limits=limits) as client:

        async def stream() -> AsyncIterator[Message]:
            async with client.stream("GET", f"/api/showtimes/{showtime_id}/watch") as answer:
                async for line in answer.aiter_lines():
                    if line.startswith("data: "):
                        data = json.loads(line.removeprefix("data: "))
                        seats = [(seat["row"], seat["number"], seat["status"]) for seat in data["seats"]]
                        yield data["toSequence"], seats

        yield [stream] * count
