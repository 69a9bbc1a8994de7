"""The process: how it starts, and how it leaves."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import grpc
import pytest
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from tests.builders.view_documents import a_showtime
from tests.servers.read_service import ReadService, Views, eventually, read_service, refusal

pytestmark = pytest.mark.integration


def refused_start(**environment: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "readsvc"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, ended.stderr


def test_missing_settings_are_named() -> None:
    code, said = refused_start(MONGO_URL="mongodb://127.0.0.1:1", CINEMA_TIME_ZONE="Middle/Earth")
    assert code == 1
    assert "REDIS_URL" in said
    assert "CINEMA_TIME_ZONE" in said


def test_a_taken_port_is_named(service: ReadService, mongo_url: str, redis_url: str) -> None:
    code, said = refused_start(MONGO_URL=mongo_url, REDIS_URL=redis_url, GRPC_PORT=str(service.port))
    assert code == 1
    assert str(service.port) in said.splitlines()[-1]


def test_reflection_and_health_are_on(service: ReadService) -> None:
    services = set(ProtoReflectionDescriptorDatabase(service.channel).get_services())
    assert {"cinema.read.v1.CinemaQuery", "grpc.health.v1.Health"} <= services
    assert service.health() == "SERVING"


def is_refused(port: int) -> bool:
    """Whether a client that comes anew is turned away."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        late: Any = cast(Any, pb_grpc).CinemaQueryStub(channel)
        try:
            late.ListShowtimes(pb.ListShowtimesRequest(), timeout=5)
        except grpc.RpcError as error:
            return cast(Any, error).code() is grpc.StatusCode.UNAVAILABLE
    return False


def test_a_call_in_flight_finishes_when_the_process_is_told_to_stop(
    mongo_url: str, redis_url: str, views: Views
) -> None:
    """First it says NOT_SERVING, then it takes no new call, and it ends when the last has its answer."""
    showtime = a_showtime(sequence=1)
    views.project(showtime)
    patience: dict[str, Any] = {"MAX_WAIT_SECONDS": 60, "DRAIN_SECONDS": 60}
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, LAME_DUCK_SECONDS=1, **patience) as leaving,
        ThreadPoolExecutor() as clients,
    ):
        before = views.channels()
        waiting = clients.submit(leaving.get_showtime, showtime.id, min_sequence=2, timeout=60)
        eventually(lambda: views.channels() > before)
        leaving.process.terminate()
        eventually(lambda: leaving.health() == "NOT_SERVING")
        eventually(lambda: is_refused(leaving.port))
        assert not waiting.done()
        views.project(showtime.model_copy(update={"sequence": 2, "rev": 2}))
        assert waiting.result().sequence == 2
        assert leaving.process.wait(timeout=10) == 0


def test_a_call_that_does_not_end_is_cut_short_when_its_time_to_drain_is_over(
    mongo_url: str, redis_url: str, views: Views
) -> None:
    showtime = a_showtime(sequence=1)
    views.project(showtime)
    patience: dict[str, Any] = {"MAX_WAIT_SECONDS": 60, "DRAIN_SECONDS": 0.5}
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, LAME_DUCK_SECONDS=0, **patience) as leaving,
        ThreadPoolExecutor() as clients,
    ):
        before = views.channels()
        waiting = clients.submit(leaving.get_showtime, showtime.id, min_sequence=2, timeout=60)
        eventually(lambda: views.channels() > before)
        leaving.process.terminate()
        assert leaving.process.wait(timeout=10) == 0
        assert refusal(waiting.result) in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}


def test_a_process_that_is_told_to_stop_ends_soon_and_well(mongo_url: str, redis_url: str) -> None:
    with read_service(mongo_url=mongo_url, redis_url=redis_url) as leaving:
        leaving.process.terminate()
        assert leaving.process.wait(timeout=10) == 0


def test_the_probe_of_the_container_sees_whether_calls_are_taken(service: ReadService) -> None:
    for port, code in ((service.port, 0), (1, 1)):
        command = [sys.executable, "-m", "readsvc.probe"]
        probe = subprocess.run(
            command, env={"GRPC_PORT": str(port)}, capture_output=True, timeout=30, check=False
        )
        assert probe.returncode == code
