"""Faults while clients read: nobody is told an error, and nobody anything older than what was asked for.

What bounds a call is its deadline, which is a multiple of all the service's own limits: a call that is stuck runs into it.
"""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from local.stack.embedded import redis_program
from tests.builders.view_documents import a_showtime
from tests.servers.fault_proxy import Fault, FaultProxy
from tests.servers.process import free_port, module, running
from tests.servers.read_service import ReadService, Views, eventually, read_service, refusal
from tests.servers.read_traffic import Traffic

pytestmark = pytest.mark.integration

FRESH = "cinema.read.v1.CinemaQuery/fresh"


class ProxyThread:
    """A fault proxy on a loop of its own."""

    def __init__(self, *, behind: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._proxy = self._run(self._stack.enter_async_context(FaultProxy.before(behind)))

    @property
    def port(self) -> int:
        return self._proxy.port

    @property
    def struck(self) -> int:
        return self._proxy.struck

    def make(self, fault: Fault) -> None:
        self._run(self._proxy.make(fault))

    def close(self) -> None:
        self._run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)


class Cinema:
    """A read service between a MongoDB and a Redis, each of which a test can take away and give back."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._mongo_port, self._redis_port = free_port(), free_port()
        self.mongo_url = f"mongodb://127.0.0.1:{self._mongo_port}"
        self.redis_url = f"redis://127.0.0.1:{self._redis_port}/0"
        self.mongo = self._start_mongo()
        self.redis = self.start_redis()
        self.proxy = ProxyThread(behind=self._redis_port)
        stack.callback(self.proxy.close)

    def start_redis(self) -> subprocess.Popen[bytes]:
        """An empty one, on the port that its predecessor had."""
        command = (str(redis_program()), "--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", "")
        redis = running(*command, "--dir", str(self._folder), port=self._redis_port)
        return self._stack.enter_context(_continued_in_the_end(self._stack.enter_context(redis)))

    def _start_mongo(self) -> subprocess.Popen[bytes]:
        command = module("local.mongo", "--port", self._mongo_port, "--data", self._folder)
        mongo = running(*command, port=self._mongo_port)
        return self._stack.enter_context(_continued_in_the_end(self._stack.enter_context(mongo)))

    @contextmanager
    def service(self, **environment: float) -> Generator[ReadService]:
        """A service that reaches Redis through the proxy; short of patience with MongoDB."""
        url = f"redis://localhost:{self.proxy.port}/0"
        with read_service(
            mongo_url=self.mongo_url,
            redis_url=url,
            MONGO_TIMEOUT_SECONDS=1,
            MAX_WAIT_SECONDS=2,
            **cast(Any, environment),
        ) as service:
            eventually(lambda: service.health(FRESH) == "SERVING")
            yield service


@contextmanager
def _continued_in_the_end(process: subprocess.Popen[bytes]) -> Generator[subprocess.Popen[bytes]]:
    """A stopped process does not hear that it is to end."""
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)


@pytest.fixture
def cinema(tmp_path: Path) -> Iterator[Cinema]:
    with ExitStack() as stack:
        yield Cinema(tmp_path, stack)


@contextmanager
def traffic_through(cinema: Cinema) -> Generator[Traffic]:
    """Traffic that ends without an error and without a wrong answer."""
    with (
        cinema.service() as service,
        Traffic.through(service, mongo_url=cinema.mongo_url, redis_url=cinema.redis_url) as traffic,
    ):
        yield traffic
    assert (traffic.refusals, traffic.wrong) == ({}, [])


def kill(cinema: Cinema) -> None:
    cinema.redis.kill()
    cinema.redis.wait(timeout=10)


def stop(cinema: Cinema) -> None:
    os.kill(cinema.redis.pid, signal.SIGSTOP)


REDIS_FAULTS: dict[str, tuple[Callable[[Cinema], object], Callable[[Cinema], object]]] = {
    "killed, and started anew": (kill, Cinema.start_redis),
    "hung": (stop, lambda cinema: os.kill(cinema.redis.pid, signal.SIGCONT)),
    "slow": (lambda c: c.proxy.make(Fault.SLOW), lambda c: c.proxy.make(Fault.NONE)),
    "silent": (lambda c: c.proxy.make(Fault.SILENT), lambda c: c.proxy.make(Fault.NONE)),
    "resetting connections": (lambda c: c.proxy.make(Fault.RESET), lambda c: c.proxy.make(Fault.NONE)),
}


@pytest.mark.parametrize("fault", REDIS_FAULTS)
def test_nobody_notices_that_redis_is_at_fault_and_recovers(cinema: Cinema, fault: str) -> None:
    begin, end = REDIS_FAULTS[fault]
    with traffic_through(cinema) as traffic:
        begin(cinema)
        traffic.wait_for_answers(300)
        end(cinema)
        traffic.wait_for_answers(300)


def test_nobody_notices_that_redis_is_flushed_again_and_again(cinema: Cinema) -> None:
    with (
        traffic_through(cinema) as traffic,
        Views(mongo_url=cinema.mongo_url, redis_url=cinema.redis_url) as views,
    ):
        for _ in range(20):
            views.redis.flushall()
            views.redis.script_flush()
            traffic.wait_for_answers(25)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGSTOP])
def test_what_is_cached_is_answered_while_mongodb_is_away(cinema: Cinema, signum: signal.Signals) -> None:
    with traffic_through(cinema) as traffic, traffic.no_writes():
        cinema.mongo.send_signal(signum)
        traffic.wait_for_answers(300)
        traffic.end()


def test_with_both_away_every_call_is_refused_by_its_deadline(cinema: Cinema) -> None:
    with cinema.service() as service:
        cinema.mongo.send_signal(signal.SIGSTOP)
        cinema.redis.send_signal(signal.SIGSTOP)
        for min_sequence in (0, 1):
            refused = refusal(
                lambda wanted=min_sequence: service.get_showtime(a_showtime().id, min_sequence=wanted)
            )
            assert refused is grpc.StatusCode.UNAVAILABLE


def test_callers_in_a_hurry_get_answers_too_once_it_is_clear_that_redis_hangs(cinema: Cinema) -> None:
    """Each gives up before Redis is given up: all together they must find out that it hangs."""
    showtime = a_showtime()
    with (
        Views(mongo_url=cinema.mongo_url, redis_url=cinema.redis_url) as views,
        cinema.service(REDIS_TIMEOUT_SECONDS=2) as service,
    ):
        views.store(showtime)
        stop(cinema)

        def answered() -> bool:
            try:
                return service.get_showtime(showtime.id, timeout=1).showtime_id == showtime.id
            except grpc.RpcError:
                return False

        eventually(answered, seconds=30)


def test_a_queue_is_no_reason_to_give_up_on_redis(cinema: Cinema) -> None:
    """They wait for each other longer than one may wait for Redis. Without MongoDB nothing else answers."""
    showtimes = [a_showtime() for _ in range(30)]
    with (
        Views(mongo_url=cinema.mongo_url, redis_url=cinema.redis_url) as views,
        cinema.service(REDIS_CONNECTIONS=2, REDIS_TIMEOUT_SECONDS=5) as service,
    ):
        views.cache(*showtimes)
        cinema.mongo.kill()
        cinema.proxy.make(Fault.SLOW)
        calls = [service.begin_showtime(showtime.id) for showtime in showtimes]
        assert {call.code() for call in calls} == {grpc.StatusCode.OK}
        cinema.proxy.make(Fault.NONE)


def test_a_burst_of_thousands_is_answered(cinema: Cinema) -> None:
    """Left to itself, gRPC cancels calls at random when a thousand wait to be taken up."""
    showtimes = [a_showtime() for _ in range(20)]
    with (
        Views(mongo_url=cinema.mongo_url, redis_url=cinema.redis_url) as views,
        read_service(
            mongo_url=cinema.mongo_url, redis_url=cinema.redis_url, REDIS_TIMEOUT_SECONDS=1
        ) as service,
    ):
        views.cache(*showtimes)
        cinema.mongo.kill()
        calls = [service.begin_showtime(showtimes[number % 20].id) for number in range(3_000)]
        assert {call.code() for call in calls} == {grpc.StatusCode.OK}
