"""Another generation of the views takes the live one's place while the service runs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from pymongo import MongoClient

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from shared.contracts.cache_entries import encode_entry, entry_key
from shared.contracts.documents import ShowtimeDocument, collection_name
from shared.contracts.generations import Generations
from shared.infrastructure.mongo.mongo_generations import MongoGenerations
from tests.builders.view_documents import a_showtime
from tests.servers.process import free_port, module, running
from tests.servers.read_service import DATABASE, ReadService, Views, eventually, read_service, refusal

pytestmark = pytest.mark.integration


class Switched:
    """A showtime in two generations."""

    def __init__(self, *, mongo_url: str, views: Views, service: ReadService) -> None:
        self.mongo = MongoClient[dict[str, Any]](mongo_url)
        self.views, self.service = views, service
        self.identity = a_showtime().id

    def put(self, *, generation: int, sequence: int) -> None:
        document = a_showtime(sequence=sequence).model_copy(update={"id": self.identity})
        collection = self.mongo[DATABASE][collection_name(document.view, generation=generation)]
        collection.replace_one(
            {"_id": document.id}, document.model_dump(mode="json", by_alias=True), upsert=True
        )

    def cache(self, *, generation: int, sequence: int) -> None:
        document = a_showtime(sequence=sequence).model_copy(update={"id": self.identity})
        entry = encode_entry(rev=99, document=document.model_dump_json(by_alias=True).encode())
        self.views.redis.set(entry_key(ShowtimeDocument.view, document.id, generation=generation), entry)

    def switch(self) -> None:
        directory = MongoGenerations(self.mongo[DATABASE])
        now = directory.read()
        new = Generations(rev=now.rev + 1, live=now.live + 1, newest=now.newest + 1)
        assert directory.replace(new)

    def sequence(self, **wanted: Any) -> int:
        return self.service.get_showtime(self.identity, **wanted).sequence


@pytest.fixture
def switched(mongo_url: str, redis_url: str) -> Iterator[Switched]:
    views = Views(mongo_url=mongo_url, redis_url=redis_url)
    views.redis.flushall()
    with read_service(mongo_url=mongo_url, redis_url=redis_url) as service:
        switched = Switched(mongo_url=mongo_url, views=views, service=service)
        switched.mongo[DATABASE].drop_collection("meta")
        eventually(lambda: service.health("cinema.read.v1.CinemaQuery/fresh") == "SERVING")
        yield switched
        switched.mongo[DATABASE].drop_collection("meta")
        switched.mongo.close()
    views.close()


def test_a_switch_is_seen_and_the_old_entries_are_served_no_more(switched: Switched) -> None:
    switched.put(generation=1, sequence=1)
    switched.put(generation=2, sequence=2)
    assert switched.sequence() == 1
    switched.switch()
    eventually(lambda: switched.sequence() == 2, seconds=10)
    switched.cache(generation=1, sequence=9)
    assert [switched.sequence() for _ in range(20)] == [2] * 20
    assert [found.showtime_id for found in switched.service.list_showtimes().showtimes].count(
        switched.identity
    ) <= 1


def test_who_waits_for_a_sequence_gets_it_from_the_new_generation(switched: Switched) -> None:
    switched.put(generation=1, sequence=1)
    switched.put(generation=2, sequence=1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(switched.sequence, min_sequence=3)
        switched.switch()
        switched.put(generation=2, sequence=3)
        assert waiting.result() == 3


def test_a_watcher_goes_on_with_the_new_generation(switched: Switched) -> None:
    switched.put(generation=1, sequence=1)
    switched.put(generation=2, sequence=1)
    request = pb.WatchShowtimeRequest(showtime_id=switched.identity)
    stream: Any = (
        cast(Any, pb_grpc).CinemaQueryStub(switched.service.channel).WatchShowtime(request, timeout=20)
    )
    assert next(stream).to_sequence == 1
    switched.switch()
    switched.put(generation=2, sequence=2)
    assert next(message.to_sequence for message in stream if message.to_sequence > 1) == 2
    switched.put(generation=1, sequence=9)
    switched.put(generation=2, sequence=3)
    assert next(message.to_sequence for message in stream if message.to_sequence > 2) == 3
    stream.cancel()


def test_started_without_mongodb_it_guesses_no_generation(redis_url: str, tmp_path: Path) -> None:
    port = free_port()
    mongo_url = f"mongodb://127.0.0.1:{port}"
    cached = a_showtime(sequence=1)
    with read_service(mongo_url=mongo_url, redis_url=redis_url, MONGO_TIMEOUT_SECONDS=0.5) as service:
        views = Views(mongo_url=mongo_url, redis_url=redis_url)
        views.cache(cached)
        assert refusal(lambda: service.get_showtime(cached.id)) is grpc.StatusCode.UNAVAILABLE
        with running(*module("local.mongo", "--port", port, "--data", tmp_path), port=port):
            eventually(lambda: answers(service, cached.id))
        views.close()


def answers(service: ReadService, showtime_id: str) -> bool:
    try:
        return service.get_showtime(showtime_id).sequence == 1
    except grpc.RpcError:
        return False
