"""Both Envoys over two nodes, a real read service and its databases, for each test module."""

from collections.abc import Iterator

import httpx
import pytest

from tests.servers.envoy import GatewayPorts, envoys, node
from tests.servers.mongo import mongo_url
from tests.servers.read_service import ReadService, Views, eventually, read_service
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]


@pytest.fixture(scope="module")
def views(mongo_url: str, redis_url: str) -> Iterator[Views]:
    written = Views(mongo_url=mongo_url, redis_url=redis_url)
    yield written
    written.close()


@pytest.fixture(scope="module")
def service(mongo_url: str, redis_url: str) -> Iterator[ReadService]:
    with read_service(mongo_url=mongo_url, redis_url=redis_url, MAX_WAIT_SECONDS=0.5) as running_service:
        yield running_service


@pytest.fixture(scope="module")
def ports(service: ReadService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayPorts]:
    chosen = GatewayPorts(read_service=service.port)
    first, second = chosen.nodes
    with node(first), node(second), envoys(chosen, folder=tmp_path_factory.mktemp("envoy")):
        yield chosen


@pytest.fixture(scope="module")
def gateway(ports: GatewayPorts) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{ports.gateway}", trust_env=False, timeout=15) as client:
        eventually(lambda: client.get("/health").is_success)
        yield client
