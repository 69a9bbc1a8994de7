"""What a stream through the gateway keeps up: any size and speed, silence, limits, other kinds of clients."""

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
from tests.builders.view_documents import a_showtime
from tests.integration.gateway.event_stream import Event, events, gateway_before, sold, watching
from tests.servers.read_service import Views, eventually, read_service
from tests.servers.scripted_read_service import serving

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def restless(
    mongo_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A gateway that lets queries take 0.3 s, before a read service that is never silent for long."""
    folder = tmp_path_factory.mktemp("restless")
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, WATCH_HEARTBEAT_SECONDS=0.1) as service,
        gateway_before(service.port, folder=folder, query_timeout="0.3s") as client,
    ):
        yield client


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
        with gateway_before(port, folder=tmp_path) as client, watching(client, str(uuid4())) as answer:
            stream = events(answer)
            come = [next(stream) for _ in sizes]
        return [(event["id"], event["data"]["toSequence"], len(event["data"]["seats"])) for event in come]

    async with serving(streams=[told]) as (_, target):
        port = int(target.rpartition(":")[2])
        got = await anyio.to_thread.run_sync(received, port)
    assert got == [(str(sequence), sequence, seats) for sequence, seats in enumerate(sizes, start=1)]


def test_a_silence_is_filled_with_empty_events_that_keep_the_id(restless: httpx.Client, views: Views) -> None:
    showtime = sold(a_showtime(), "A-1", sequence=2)
    views.project(showtime)
    with watching(restless, showtime.id) as answer:
        stream = events(answer)
        next(stream)
        silence = [next(stream) for _ in range(3)]
    assert [(event["id"], event["data"]["seats"]) for event in silence] == [("2", [])] * 3
    assert not any("retry" in event for event in silence)


def test_a_stream_outlives_the_time_that_queries_have(restless: httpx.Client, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with watching(restless, showtime.id) as answer:
        stream = events(answer)
        next(stream)
        query = restless.get(f"/api/showtimes/{showtime.id}?min_sequence=2")
        assert (query.status_code, query.json()["code"]) == (504, 4)
        views.project(sold(showtime, "A-2", sequence=2))
        assert _reaches(stream, "2")


def test_the_limit_counts_streams_and_not_their_events(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, WATCH_HEARTBEAT_SECONDS=0.001) as service,
        gateway_before(service.port, folder=tmp_path, requests_per_second=1) as client,
        watching(client, showtime.id) as answer,
    ):
        stream = events(answer)
        eventually(lambda: client.get("/api/showtimes?popcorn=1").status_code == 429)
        assert [next(stream)["id"] for _ in range(200)] == ["1"] * 200


def test_who_asks_for_the_headers_alone_does_not_watch(restless: httpx.Client, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    assert restless.head(f"/api/showtimes/{showtime.id}/watch").status_code == 404


@pytest.mark.parametrize(
    "options",
    [("--http2-prior-knowledge",), ("--compressed",), ("-H", "accept: text/event-stream")],
)
def test_other_kinds_of_clients_are_told_the_same(
    restless: httpx.Client, views: Views, options: tuple[str, ...]
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine")
    showtime = a_showtime()
    views.project(showtime)
    url = f"{restless.base_url}/api/showtimes/{showtime.id}/watch"
    command = ("curl", "--silent", "--no-buffer", "--noproxy", "*", *options, url)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout is not None
        retry, identifier, data = (curl.stdout.readline() for _ in range(3))
        curl.terminate()
    assert (retry.partition(":")[0], identifier) == ("retry", "id: 1\n")
    assert len(json.loads(data.removeprefix("data: "))["seats"]) == 5


def _reaches(stream: Iterator[Event], identifier: str) -> bool:
    return any(event["id"] == identifier for event in stream)
