"""Parts that are down, hung or come back: a client gets an answer or a clear refusal, soon."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from local.stack.embedded import redis_program
from tests.builders.view_documents import a_showtime
from tests.servers.process import free_port, module, running
from tests.servers.read_service import ReadService, Views, eventually, read_service, refusal

pytestmark = pytest.mark.integration

FRESH = "cinema.read.v1.CinemaQuery/fresh"


class Faulty:
    """A read service whose MongoDB and Redis can be taken away."""

    def __init__(self, *, service: ReadService, views: Views, mongo_pid: int, redis_pid: int) -> None:
        self.service, self.views = service, views
        self.mongo_pid, self.redis_pid = mongo_pid, redis_pid


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Faulty]:
    mongo_port, redis_port = free_port(), free_port()
    mongo_url, redis_url = f"mongodb://127.0.0.1:{mongo_port}", f"redis://127.0.0.1:{redis_port}/0"
    redis = (str(redis_program()), "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "")
    with (
        running(*module("local.mongo", "--port", mongo_port, "--data", tmp_path), port=mongo_port) as mongod,
        running(*redis, "--dir", str(tmp_path), port=redis_port) as redisd,
        read_service(mongo_url=mongo_url, redis_url=redis_url, MONGO_TIMEOUT_SECONDS=0.5) as service,
    ):
        views = Views(mongo_url=mongo_url, redis_url=redis_url)
        eventually(lambda: service.health(FRESH) == "SERVING")
        yield Faulty(service=service, views=views, mongo_pid=mongod.pid, redis_pid=redisd.pid)
        views.close()
        for process in (mongod, redisd):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)


def test_mongodb_answers_while_redis_is_gone(faulty: Faulty) -> None:
    showtime = a_showtime(sequence=2)
    faulty.views.store(showtime)
    os.kill(faulty.redis_pid, signal.SIGKILL)
    for _ in range(10):
        assert faulty.service.get_showtime(showtime.id, min_sequence=2).sequence == 2


def test_mongodb_answers_while_redis_hangs_and_redis_again_afterwards(faulty: Faulty) -> None:
    showtime = a_showtime()
    faulty.views.store(showtime)
    os.kill(faulty.redis_pid, signal.SIGSTOP)
    for _ in range(10):
        assert faulty.service.get_showtime(showtime.id, timeout=2).sequence == 1
    os.kill(faulty.redis_pid, signal.SIGCONT)
    cached = a_showtime()
    faulty.views.cache(cached)

    def answered_from_the_cache() -> bool:
        faulty.views.cache(cached)
        try:
            return faulty.service.get_showtime(cached.id).showtime_id == cached.id
        except grpc.RpcError:
            return False

    eventually(answered_from_the_cache)


def test_without_mongodb_what_is_cached_is_answered_and_the_rest_is_unavailable(faulty: Faulty) -> None:
    cached, uncached = a_showtime(), a_showtime()
    faulty.views.project(cached)
    faulty.views.store(uncached)
    os.kill(faulty.mongo_pid, signal.SIGKILL)
    assert faulty.service.get_showtime(cached.id).showtime_id == cached.id
    assert refusal(lambda: faulty.service.get_showtime(uncached.id)) is grpc.StatusCode.UNAVAILABLE
    assert refusal(faulty.service.list_showtimes) is grpc.StatusCode.UNAVAILABLE
    eventually(lambda: faulty.service.health(FRESH) == "NOT_SERVING")
    assert faulty.service.health() == faulty.service.health("cinema.read.v1.CinemaQuery") == "SERVING"
