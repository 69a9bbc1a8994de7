"""`make bench`: reads through the read service, beside bare handlers that do one GET, or one find_one, of an answer.

    python -m benchmarks.read_side            what `make bench` runs: about two minutes
    python -m benchmarks.read_side --quick    fewer calls; writes nothing

Each server is a process of its own; one client calls both in short turns. Figures go to benchmarks/results/read_side.json.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import grpc

from benchmarks.read_side.cinema import Cinema, open_cinema
from benchmarks.read_side.load import Measured, Side, compared, in_turn, method, turn
from benchmarks.report import write
from benchmarks.view_servers import view_servers
from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from tests.servers.process import free_port, module, running
from tests.servers.read_service import read_service

SERVICE = "/cinema.read.v1.CinemaQuery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured."""

    showtimes: int = 200
    turns: int = 50
    calls: tuple[tuple[int, int], ...] = ((1, 100), (8, 320), (64, 640))
    """Clients at a time, and the calls of a turn that they make together."""
    cold_turns: int = 5
    timed_calls: int = 5_000


QUICK = Extent(turns=8, cold_turns=1, timed_calls=1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The two servers and what they have to read."""

    cinema: Cinema
    product: grpc.aio.Channel
    bare: grpc.aio.Channel

    def showtimes(self, *, hot: bool = False) -> Side:
        """GetShowtime of the product."""
        return Side(
            call=method(self.product, f"{SERVICE}/GetShowtime"),
            requests=showtime_requests(self.cinema, hot=hot),
        )

    def reservations(self) -> Side:
        """GetReservation of the product."""
        requests = [
            pb.GetReservationRequest(reservation_id=reservation.id).SerializeToString()
            for reservation in self.cinema.reservations
        ]
        return Side(call=method(self.product, f"{SERVICE}/GetReservation"), requests=requests)

    def bare_reads(self, name: str, *, hot: bool = False) -> Side:
        """One read of an answer."""
        ids = [showtime.id.encode() for showtime in self.cinema.showtimes]
        return Side(call=method(self.bare, f"/bench.Bare/{name}"), requests=ids[:1] if hot else ids)


def showtime_requests(cinema: Cinema, *, hot: bool = False) -> list[bytes]:
    requests = [
        pb.GetShowtimeRequest(showtime_id=showtime.id).SerializeToString() for showtime in cinema.showtimes
    ]
    return requests[:1] if hot else requests


async def measure_cached(bench: Bench, extent: Extent) -> dict[str, Any]:
    """Hits, for each number of clients. A reservation is composed of two documents, so it stands beside two GETs."""
    pairs = {
        "many_showtimes": (bench.showtimes(), bench.bare_reads("Get")),
        "one_hot_showtime": (bench.showtimes(hot=True), bench.bare_reads("Get", hot=True)),
        "reservations": (bench.reservations(), bench.bare_reads("GetTwo")),
    }
    figures: dict[str, Any] = {}
    for name, (ours, theirs) in pairs.items():
        bench.cinema.warm()
        figures[name] = {
            str(clients): await in_turn(ours, theirs, clients=clients, calls=calls, turns=extent.turns)
            for clients, calls in extent.calls
        }
    return figures


async def measure_uncached(bench: Bench, extent: Extent) -> dict[str, Any]:
    """Misses: Redis is emptied before each turn, in which each showtime is read once."""
    ours, theirs = bench.showtimes(), bench.bare_reads("Find")
    return {
        str(clients): await _cold_turns(bench, ours, theirs, clients=clients, turns=extent.cold_turns)
        for clients, _ in extent.calls
    }


async def _cold_turns(bench: Bench, ours: Side, theirs: Side, *, clients: int, turns: int) -> dict[str, Any]:
    product, bare = Measured(), Measured()
    for _ in range(turns):
        bench.cinema.cool()
        await turn(ours, clients=clients, calls=len(ours.requests), into=product)
        await turn(theirs, clients=clients, calls=len(theirs.requests), into=bare)
    return compared(product, bare)


async def measure_against_bare(cinema: Cinema, extent: Extent, *, product: int, bare: int) -> dict[str, Any]:
    async with (
        grpc.aio.insecure_channel(f"127.0.0.1:{product}") as to_product,
        grpc.aio.insecure_channel(f"127.0.0.1:{bare}") as to_bare,
    ):
        bench = Bench(cinema=cinema, product=to_product, bare=to_bare)
        return {
            "cached": await measure_cached(bench, extent),
            "uncached_showtimes": await measure_uncached(bench, extent),
        }


def measure_inside(cinema: Cinema, extent: Extent) -> dict[str, float]:
    """The server's own time for a hit, with one client."""
    cinema.warm()
    with tempfile.NamedTemporaryFile() as file:
        with read_service(
            mongo_url=cinema.mongo_url,
            redis_url=cinema.redis_url,
            program=("benchmarks.read_side.timed_server", file.name),
        ) as service:
            asyncio.run(_hits(service.port, showtime_requests(cinema), calls=extent.timed_calls))
        seconds = json.loads(Path(file.name).read_text(encoding="utf-8"))[-extent.timed_calls :]
    cuts = quantiles(seconds, n=100)
    return {"p50_ms": round(cuts[49] * 1000, 3), "p99_ms": round(cuts[98] * 1000, 3)}


async def _hits(port: int, requests: list[bytes], *, calls: int) -> None:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        side = Side(call=method(channel, f"{SERVICE}/GetShowtime"), requests=requests)
        for count in (len(requests), calls):
            await turn(side, clients=1, calls=count, into=Measured())


@contextmanager
def servers(extent: Extent) -> Generator[Cinema]:
    """MongoDB and Redis, with the views in MongoDB."""
    with (
        view_servers() as urls,
        open_cinema(mongo_url=urls.mongo_url, redis_url=urls.redis_url, showtimes=extent.showtimes) as cinema,
    ):
        yield cinema


def measure(extent: Extent) -> dict[str, Any]:
    bare_port = free_port()
    with servers(extent) as cinema:
        bare = module("benchmarks.read_side.bare_server", bare_port, cinema.redis_url, cinema.mongo_url)
        with (
            read_service(mongo_url=cinema.mongo_url, redis_url=cinema.redis_url) as product,
            running(*bare, port=bare_port),
        ):
            figures = asyncio.run(measure_against_bare(cinema, extent, product=product.port, bare=bare_port))
        return figures | {"inside_the_server": measure_inside(cinema, extent)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read_side")
    parser.add_argument("--quick", action="store_true", help="fewer calls; writes nothing")
    quick = parser.parse_args().quick
    extent = QUICK if quick else Extent()
    report = {"showtimes": extent.showtimes, **measure(extent)}
    if not quick:
        write("read_side", report)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
