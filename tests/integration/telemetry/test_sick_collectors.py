"""A collector that is gone, or takes all and answers nothing, costs nobody more than a bounded end."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.servers.otlp_receiver import otlp_receiver
from tests.servers.process import free_port
from tests.servers.read_service import read_service
from tests.servers.running_node import running_node

pytestmark = pytest.mark.integration

AT_MOST_SECONDS = 15.0
"""A guard against hanging for the export's own time-outs, which are longer; not a measure of speed."""


@pytest.fixture(params=[pytest.param("gone", marks=pytest.mark.full), "hung"])
def environment(request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """The settings of a process whose collector is sick, and whose queues are small."""
    small = {"OTEL_BSP_MAX_QUEUE_SIZE": "8", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4"}
    slow_to_give_up = {"OTEL_EXPORTER_OTLP_TIMEOUT": "60"}
    with otlp_receiver() as receiver:
        receiver.hang()
        settings = receiver.environment | small | slow_to_give_up
        if request.param == "gone":
            settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{free_port()}"
        yield settings


def test_commands_go_on(environment: Mapping[str, str], tmp_path: Path) -> None:
    with running_node(tmp_path, environment) as node:
        for number in range(50):
            answer = node.client.put(
                f"/api/movies/tt{number:07d}", json={"title": "Alien", "runtimeMinutes": 117}
            )
            assert answer.status_code == httpx.codes.CREATED


def test_queries_go_on_and_the_end_is_bounded(
    environment: Mapping[str, str], mongo_url: str, redis_url: str
) -> None:
    with read_service(mongo_url=mongo_url, redis_url=redis_url, port=None, **environment) as service:
        for _ in range(50):
            assert list(service.list_showtimes().showtimes) == []
        service.process.terminate()
        service.process.wait(timeout=AT_MOST_SECONDS)
    assert service.process.returncode == 0
