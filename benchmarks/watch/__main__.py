"""`make bench`: many who watch one showtime, while its seats change.

    python -m benchmarks.watch            what `make bench` runs: about a minute
    python -m benchmarks.watch --quick    fewer changes; writes nothing

The read service, Valkey and the MongoDB stand-in are processes of their own; all watchers are in this one, whose own work (about
as much as the service's) is in every latency. Figures go to benchmarks/results/watch.json.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.processes import cpu_seconds, resident_mb
from benchmarks.report import write
from benchmarks.view_servers import view_servers
from benchmarks.watch.audience import Audience, Open, event_streams, gathered, grpc_streams
from shared.contracts.documents import SeatStatus, ShowtimeDocument
from shared.contracts.events import SeatRowData
from tests.builders.view_documents import a_showtime
from tests.servers.booked_showtime import BookedShowtime
from tests.servers.envoy import lone_gateway
from tests.servers.read_service import ReadService, Views, read_service

ROWS = tuple(SeatRowData(row=row, seats=15) for row in "ABCDEFGHIJ")
PAUSE_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured."""

    watchers: tuple[int, ...] = (1, 100, 1_000)
    through_gateway: int = 100
    changes: int = 20
    storm: int = 300


QUICK = Extent(watchers=(1, 1_000), changes=5, storm=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A read service, and what it reads."""

    service: ReadService
    views: Views


@contextmanager
def opened() -> Generator[Bench]:
    with view_servers() as urls:
        views = Views(mongo_url=urls.mongo_url, redis_url=urls.redis_url)
        with read_service(mongo_url=urls.mongo_url, redis_url=urls.redis_url) as service:
            yield Bench(service=service, views=views)
        views.close()


def a_large_showtime() -> ShowtimeDocument:
    """Of 150 seats."""
    plain = a_showtime(sequence=1)
    assert plain.auditorium
    return plain.model_copy(update={"auditorium": plain.auditorium.model_copy(update={"rows": ROWS})})


async def measure(extent: Extent) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for count in extent.watchers:
        with opened() as bench:
            booked = BookedShowtime(bench.views, document=a_large_showtime())
            target = f"127.0.0.1:{bench.service.port}"
            streams = grpc_streams(target, booked.id, count=count)
            figures[f"{count} over gRPC"] = await measure_audience(bench, booked, streams, extent=extent)
    with (
        opened() as bench,
        tempfile.TemporaryDirectory() as folder,
        lone_gateway(read_service=bench.service.port, folder=Path(folder)) as gateway,
    ):
        booked = BookedShowtime(bench.views, document=a_large_showtime())
        streams = event_streams(str(gateway.base_url), booked.id, count=extent.through_gateway)
        name = f"{extent.through_gateway} through the gateway"
        figures[name] = await measure_audience(bench, booked, streams, extent=extent)
    return figures


async def measure_audience(
    bench: Bench,
    booked: BookedShowtime,
    streams: AbstractAsyncContextManager[list[Open]],
    *,
    extent: Extent,
) -> dict[str, Any]:
    pid = bench.service.process.pid
    bench.service.get_showtime(booked.id)
    before = resident_mb(pid)
    async with streams as opening, gathered(opening) as audience:
        resident = resident_mb(pid)
        figures: dict[str, Any] = {
            "service_mb_before": round(before),
            "service_mb": round(resident),
            "kb_a_watcher": round((resident - before) * 1024 / len(audience.watchers), 1),
        }
        figures["one_change_at_a_time"] = await one_at_a_time(audience, booked, changes=extent.changes)
        figures["storm"] = await storm(audience, booked, changes=extent.storm, pid=pid)
    return figures


async def one_at_a_time(audience: Audience, booked: BookedShowtime, *, changes: int) -> dict[str, float]:
    """From the moment before the projector's write to the message in a watcher's hands."""
    delays: list[float] = []
    last: list[float] = []
    for number in range(changes):
        await asyncio.sleep(PAUSE_SECONDS)
        begun = time.perf_counter()
        await asyncio.to_thread(booked.project, *_seat(number))
        await audience.until_all_have(booked.document.sequence)
        waits = [watcher.reached(booked.document.sequence) - begun for watcher in audience.watchers]
        delays += waits
        last.append(max(waits))
    return {
        "p50_ms": _ms(median(delays)),
        "p99_ms": _ms(quantiles(delays, n=100)[98]),
        "last_watcher_p50_ms": _ms(median(last)),
    }


async def storm(audience: Audience, booked: BookedShowtime, *, changes: int, pid: int) -> dict[str, float]:
    """Changes as fast as they can be written: whoever is slow gets fewer and larger differences."""
    messages, cpu, begun = audience.messages, cpu_seconds(pid), time.perf_counter()

    def write() -> None:
        for number in range(changes):
            booked.project(*_seat(number))

    await asyncio.to_thread(write)
    written = time.perf_counter() - begun
    await audience.until_all_have(booked.document.sequence)
    delivered = audience.messages - messages
    assert all(watcher.seats == audience.watchers[0].seats for watcher in audience.watchers)
    return {
        "changes": changes,
        "changes_per_second": round(changes / written),
        "messages_a_watcher": round(delivered / len(audience.watchers), 1),
        "messages_per_second": round(delivered / (time.perf_counter() - begun)),
        "last_watcher_after_the_last_change_ms": _ms(time.perf_counter() - begun - written),
        "service_cpu_us_a_message": round((cpu_seconds(pid) - cpu) / delivered * 1e6),
    }


def _seat(number: int) -> tuple[str, SeatStatus]:
    row = ROWS[number // ROWS[0].seats % len(ROWS)].row
    statuses: tuple[SeatStatus, ...] = ("Held", "Sold", "Free")
    return f"{row}-{number % ROWS[0].seats + 1}", statuses[number % 3]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watch")
    parser.add_argument("--quick", action="store_true", help="fewer changes; writes nothing")
    quick = parser.parse_args().quick
    report = {
        "seats": sum(row.seats for row in ROWS),
        "watchers": asyncio.run(measure(QUICK if quick else Extent())),
    }
    if not quick:
        write("watch", report)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
