"""The client of both sides: so many calls at a time, in bytes, and how long each took."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle, islice
from statistics import median, quantiles
from typing import Any, cast

import grpc

Call = Callable[[bytes], Awaitable[bytes]]


@dataclass(slots=True)
class Measured:
    """What was measured of one side: the latencies of each turn, and how long the turns took. Times in seconds."""

    turns: list[list[float]] = field(default_factory=list[list[float]])
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return sum(map(len, self.turns)) / self.seconds

    def percentile(self, number: int) -> float:
        """Over all turns."""
        return quantiles(chain.from_iterable(self.turns), n=100)[number - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A method of a server, and the requests that it is sent, again and again."""

    call: Call
    requests: Sequence[bytes]


def method(channel: grpc.aio.Channel, path: str) -> Call:
    """A method without (de)serialisation, which would cost the client the same for both sides, but not nothing."""
    made = cast(Any, channel).unary_unary(path)

    async def call(request: bytes) -> bytes:
        return await made(request, timeout=30)

    return call


async def turn(side: Side, *, clients: int, calls: int, into: Measured) -> None:
    """One turn of one side."""
    requests = islice(cycle(side.requests), calls)
    latencies: list[float] = []

    async def client() -> None:
        for request in requests:
            begun = time.perf_counter()
            await side.call(request)
            latencies.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    into.seconds += time.perf_counter() - begun
    into.turns.append(latencies)


async def in_turn(ours: Side, theirs: Side, *, clients: int, calls: int, turns: int) -> dict[str, object]:
    """Both sides in short turns, so that the machine's moods hit both; the first turn of each is not counted."""
    for side in (ours, theirs):
        await turn(side, clients=clients, calls=calls, into=Measured())
    product, bare = Measured(), Measured()
    for _ in range(turns):
        await turn(ours, clients=clients, calls=calls, into=product)
        await turn(theirs, clients=clients, calls=calls, into=bare)
    return compared(product, bare)


def compared(product: Measured, bare: Measured) -> dict[str, object]:
    """The figures of both, and their ratios: of p50 that of neighbouring turns, in the median; of p99 that of all turns."""
    p50_ratios = [
        median(ours) / median(theirs) for ours, theirs in zip(product.turns, bare.turns, strict=True)
    ]
    return {
        "product": figures(product),
        "bare": figures(bare),
        "p50_ratio": round(median(p50_ratios), 2),
        "p99_ratio": round(product.percentile(99) / bare.percentile(99), 2),
    }


def figures(measured: Measured) -> dict[str, float]:
    return {
        "calls_per_second": round(measured.per_second),
        "p50_ms": round(measured.percentile(50) * 1000, 3),
        "p99_ms": round(measured.percentile(99) * 1000, 3),
    }
