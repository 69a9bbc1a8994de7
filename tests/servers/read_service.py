"""The read service as a process for tests, the views that it reads, and a client."""

import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, cast

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pymongo import MongoClient
from redis import Redis

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from shared.contracts.documents import FIRST_GENERATION, ViewDocument, collection_name
from shared.infrastructure.cache.redis_view_cache import RedisViewCache
from tests.servers.process import free_port, running

DATABASE = "cinema"


@dataclass(frozen=True)
class ReadService:
    """A running read service and how to call it."""

    port: int
    process: subprocess.Popen[bytes]
    channel: grpc.Channel

    def get_showtime(
        self, showtime_id: str, *, min_sequence: int = 0, timeout: float = 10
    ) -> pb.GetShowtimeResponse:
        request = pb.GetShowtimeRequest(showtime_id=showtime_id, min_sequence=min_sequence)
        return self._stub.GetShowtime(request, timeout=timeout)

    def begin_showtime(self, showtime_id: str) -> Any:
        """A call whose outcome is asked for later."""
        return self._stub.GetShowtime.future(pb.GetShowtimeRequest(showtime_id=showtime_id), timeout=60)

    def get_reservation(
        self, reservation_id: str, *, min_sequence: int = 0, timeout: float = 10
    ) -> pb.GetReservationResponse:
        request = pb.GetReservationRequest(reservation_id=reservation_id, min_sequence=min_sequence)
        return self._stub.GetReservation(request, timeout=timeout)

    def list_showtimes(self, **fields: Any) -> pb.ListShowtimesResponse:
        return self._stub.ListShowtimes(pb.ListShowtimesRequest(**fields), timeout=10)

    def list_reservations(self, **fields: Any) -> pb.ListReservationsResponse:
        return self._stub.ListReservations(pb.ListReservationsRequest(**fields), timeout=10)

    def watch(self, showtime_id: str, **fields: Any) -> Any:
        """The stream's call: it is iterated, and cancelled."""
        return self._stub.WatchShowtime(pb.WatchShowtimeRequest(showtime_id=showtime_id, **fields))

    def health(self, name: str = "") -> str:
        """What the health service says of a name."""
        stub: Any = cast(Any, health_pb2_grpc).HealthStub(self.channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)

    @property
    def _stub(self) -> Any:
        return cast(Any, pb_grpc).CinemaQueryStub(self.channel)


def refusal(call: Callable[[], object]) -> grpc.StatusCode:
    """The status with which a call is refused."""
    with pytest.raises(grpc.RpcError) as refused:
        call()
    return cast(Any, refused.value).code()


def eventually(condition: Callable[[], bool], *, seconds: float = 15.0) -> None:
    """Wait for a condition with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


@contextmanager
def read_service(
    *,
    mongo_url: str,
    redis_url: str,
    port: int | None = None,
    program: Sequence[str] = ("readsvc",),
    **environment: object,
) -> Generator[ReadService]:
    """A read service that listens, by default on a port of its own. `program` is a module, and its arguments."""
    port = port or free_port()
    settings = {
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE": DATABASE,
        "REDIS_URL": redis_url,
        "GRPC_HOST": "127.0.0.1",
        "GRPC_PORT": port,
        **environment,
    }
    command = (
        "env",
        *(f"{name}={value}" for name, value in settings.items()),
        sys.executable,
        "-m",
        *program,
    )
    with (
        running(*command, port=port) as process,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield ReadService(port=port, process=process, channel=channel)


class Views:
    """Writes documents as the projector does: MongoDB first, then Redis."""

    def __init__(self, *, mongo_url: str, redis_url: str) -> None:
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
        self.redis: Any = cast(Any, Redis).from_url(redis_url)
        self._cache = RedisViewCache(self.redis, generation=FIRST_GENERATION)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def store(self, *documents: ViewDocument) -> None:
        """Write to MongoDB alone, as if Redis had lost its part."""
        for document in documents:
            collection = self._mongo[DATABASE][collection_name(document.view, generation=FIRST_GENERATION)]
            collection.delete_one({"_id": document.id})
            collection.insert_one(document.model_dump(mode="json", by_alias=True))

    def cache(self, *documents: ViewDocument) -> None:
        """Write to Redis alone."""
        self._cache.write(documents)

    def project(self, *documents: ViewDocument) -> None:
        """Write to both."""
        self.store(*documents)
        self.cache(*documents)

    def drop(self, document: ViewDocument) -> None:
        """Take a document out of MongoDB alone."""
        self._mongo[DATABASE][collection_name(document.view, generation=FIRST_GENERATION)].delete_one(
            {"_id": document.id}
        )

    def value(self, key: str) -> bytes | None:
        """What Redis has under a key."""
        return self.redis.get(key)

    def channels(self) -> int:
        """How many channels somebody listens to."""
        return len(self.redis.pubsub_channels())

    def close(self) -> None:
        self._mongo.close()
        self.redis.close()
