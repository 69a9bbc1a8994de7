"""What a stream through the gateway keeps up: any size and speed, limits, several deaths, other kinds of clients."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import anyio.to_thread
import httpx
import pytest

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from tests.servers.booked_showtime import BookedShowtime
from tests.servers.envoy import lone_gateway
from tests.servers.process import free_port
from tests.servers.read_service import Views, eventually, read_service
from tests.servers.scripted_read_service import serving
from tests.servers.server_sent_events import watching

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def restless(
    mongo_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A gateway that lets queries take 0.3 s, before a read service that is never silent for long."""
    folder = tmp_path_factory.mktemp("restless")
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, WATCH_HEARTBEAT_SECONDS=0.1) as service,
        lone_gateway(read_service=service.port, folder=folder, query_timeout="0.3s") as client,
    ):
        yield client


@pytest.fixture
def booked(views: Views) -> BookedShowtime:
    return BookedShowtime(views)


def difference(sequence: int, *, seats: int) -> pb.WatchShowtimeResponse:
    return pb.WatchShowtimeResponse(
        from_sequence=sequence - 1,
        to_sequence=sequence,
        seats=[pb.Seat(row="A", number=number, status="Sold") for number in range(1, seats + 1)],
    )


async def test_events_come_whole_and_in_order_however_chunks_fall(tmp_path: Path) -> None:
    """Small ones share a chunk, large ones take many, and the end of one may come with the next."""
    sizes = [0, 1, 3000, *([2] * 300), 20_000, 0, 0, *range(0, 3000, 97), 1]
    told = [difference(sequence, seats=seats) for sequence, seats in enumerate(sizes, start=1)]

    def received(port: int) -> list[tuple[str, int, int]]:
        with (
            lone_gateway(read_service=port, folder=tmp_path) as gateway,
            watching(gateway, str(uuid4())) as stream,
        ):
            come = [next(stream) for _ in sizes]
        return [(event.id, event.data["toSequence"], len(event.seats)) for event in come]

    async with serving(streams=[told]) as (_, target):
        got = await anyio.to_thread.run_sync(received, int(target.rpartition(":")[2]))
    assert got == [(str(sequence), sequence, seats) for sequence, seats in enumerate(sizes, start=1)]


def test_a_stream_outlives_the_time_that_queries_have(restless: httpx.Client, booked: BookedShowtime) -> None:
    with watching(restless, booked.id) as stream:
        next(stream)
        query = restless.get(f"/api/showtimes/{booked.id}?min_sequence=2")
        assert (query.status_code, query.json()["code"]) == (504, 4)
        booked.project("A-2", "Sold")
        assert any(event.id == "2" for event in stream)


def test_the_limit_counts_streams_and_not_their_events(
    mongo_url: str, redis_url: str, tmp_path: Path, booked: BookedShowtime
) -> None:
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, WATCH_HEARTBEAT_SECONDS=0.001) as service,
        lone_gateway(read_service=service.port, folder=tmp_path, requests_per_second=1) as gateway,
        watching(gateway, booked.id) as stream,
    ):
        eventually(lambda: gateway.get("/api/showtimes?popcorn=1").status_code == 429)
        assert [next(stream).id for _ in range(200)] == ["1"] * 200


def test_who_asks_for_the_headers_alone_does_not_watch(
    restless: httpx.Client, booked: BookedShowtime
) -> None:
    assert restless.head(f"/api/showtimes/{booked.id}/watch").status_code == 404


@pytest.mark.parametrize("options", [("--http2-prior-knowledge",), ("--compressed",)])
def test_other_kinds_of_clients_are_told_the_same(
    restless: httpx.Client, booked: BookedShowtime, options: tuple[str, ...]
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine")
    url = f"{restless.base_url}/api/showtimes/{booked.id}/watch"
    command = ("curl", "--silent", "--no-buffer", "--noproxy", "*", *options, url)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout is not None
        retry, identifier, data = (curl.stdout.readline() for _ in range(3))
        curl.terminate()
    assert (retry.partition(":")[0], identifier) == ("retry", "id: 1\n")
    assert len(json.loads(data.removeprefix("data: "))["seats"]) == 5


def test_every_change_is_told_once_over_several_deaths_of_the_read_service(
    mongo_url: str, redis_url: str, tmp_path: Path, booked: BookedShowtime
) -> None:
    seats = ["A-1", "A-2", "A-3", "B-1", "B-2"]
    port, told, last = free_port(), list[str](), "1"
    with lone_gateway(read_service=port, folder=tmp_path) as gateway:
        for seat in seats:
            with (
                read_service(mongo_url=mongo_url, redis_url=redis_url, port=port) as service,
                watching(gateway, booked.id, last_event_id=last) as stream,
            ):
                next(stream)
                booked.project(seat, "Sold")
                event = next(stream)
                told += event.seats
                last = event.id
                service.process.kill()
                with pytest.raises(httpx.RemoteProtocolError):
                    list(stream)
    assert (told, last) == (seats, "6")


def test_a_read_service_that_leaves_ends_its_streams_cleanly(
    mongo_url: str, redis_url: str, tmp_path: Path, booked: BookedShowtime
) -> None:
    """The connection does not break, and nothing comes that is no event."""
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, LAME_DUCK_SECONDS=0) as service,
        lone_gateway(read_service=service.port, folder=tmp_path) as gateway,
        watching(gateway, booked.id) as stream,
    ):
        assert next(stream).id == "1"
        service.process.terminate()
        assert list(stream) == []
        assert service.process.wait(timeout=20) == 0
