"""Nodes and the read service die and come back; too many requests come."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.servers.envoy import GatewayPorts, envoys, node
from tests.servers.process import free_port
from tests.servers.read_service import ReadService, eventually, read_service

pytestmark = pytest.mark.integration


class Scene:
    """A gateway whose nodes and read service can be taken away."""

    def __init__(self, client: httpx.Client, *, ports: GatewayPorts) -> None:
        self.client, self.ports = client, ports

    def command(
        self, path: str = "/api/reservations", *, body: str = "", keyed: bool = True
    ) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4())} if keyed else {}
        return self.client.post(path, content=body, headers=headers)

    def answering_nodes(self) -> set[str]:
        return {self.command().json().get("node", "none") for _ in range(6)}


@pytest.fixture(scope="module")
def scene(service: ReadService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    ports = GatewayPorts(read_service=service.port)
    url = f"http://127.0.0.1:{ports.gateway}"
    limits = httpx.Limits(max_connections=40)
    with (
        envoys(ports, folder=tmp_path_factory.mktemp("envoy")),
        httpx.Client(base_url=url, trust_env=False, timeout=20, limits=limits) as client,
    ):
        yield Scene(client, ports=ports)


def test_a_node_that_dies_costs_no_command_and_comes_back_into_rotation(scene: Scene) -> None:
    first, second = scene.ports.nodes
    both = {str(first), str(second)}
    with node(first):
        with node(second) as dying, ThreadPoolExecutor(16) as clients:
            eventually(lambda: scene.answering_nodes() == both)
            sent = [clients.submit(scene.command) for _ in range(400)]
            eventually(lambda: sum(answer.done() for answer in sent) > 40)
            dying.kill()
            answers = [answer.result() for answer in sent]
            assert {answer.text for answer in answers if answer.status_code != 201} == set()
            eventually(lambda: scene.answering_nodes() == {str(first)})
        with node(second):
            eventually(lambda: scene.answering_nodes() == both)


def test_a_lost_answer_is_asked_for_again_only_with_an_idempotency_key(scene: Scene, tmp_path: Path) -> None:
    first, second = scene.ports.nodes
    with node(first), node(second):
        eventually(lambda: len(scene.answering_nodes()) == 2)
        assert scene.command("/api/lost-once", body=str(tmp_path / "a")).status_code == 201
        lost = scene.command("/api/lost-once", body=str(tmp_path / "b"), keyed=False)
        assert (lost.status_code, lost.json()["type"]) == (503, "/problems/unavailable")


def test_without_a_node_commands_are_told_to_come_again(scene: Scene) -> None:
    eventually(lambda: scene.client.get("/health").status_code == 503)
    answer = scene.command()
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    page = scene.client.get("/ops")
    assert (page.status_code, page.json()["code"]) == (503, 14)
    query = scene.client.get(f"/api/showtimes/{uuid4()}")
    assert query.status_code == 404


def test_health_needs_the_functions_and_the_read_service(
    tmp_path: Path, mongo_url: str, redis_url: str
) -> None:
    with read_service(mongo_url=mongo_url, redis_url=redis_url, LAME_DUCK_SECONDS=0) as service:
        ports = GatewayPorts(read_service=service.port)
        url = f"http://127.0.0.1:{ports.gateway}"
        with (
            node(ports.nodes[0]) as only_node,
            envoys(ports, folder=tmp_path),
            httpx.Client(base_url=url, trust_env=False, timeout=10) as client,
        ):
            eventually(lambda: client.get("/health").status_code == 200)
            assert client.get("/health").json() == {"status": "healthy"}
            service.process.kill()
            eventually(lambda: client.get("/health").status_code == 503)
            assert client.get("/health").json()["code"] == 14
            gone = client.get(f"/api/showtimes/{uuid4()}")
            assert (gone.status_code, gone.json()["code"]) == (503, 14)
            assert client.post("/api/reservations").status_code == 201
            only_node.kill()
            assert client.get("/health").status_code == 503


def test_too_many_requests_are_refused_in_the_shape_of_their_side(tmp_path: Path) -> None:
    ports = GatewayPorts(read_service=free_port())
    url = f"http://127.0.0.1:{ports.gateway}"
    with (
        envoys(ports, folder=tmp_path, configurations=["gateway.yaml"], requests_per_second=1),
        httpx.Client(base_url=url, trust_env=False, timeout=10) as client,
    ):
        command = _first_limited(client, "POST")
        assert (command["type"], command["status"]) == ("/problems/rate-limited", 429)
        assert _first_limited(client, "GET")["code"] == 8


def _first_limited(client: httpx.Client, method: str) -> dict[str, object]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = client.request(method, "/api/popcorn")
        if answer.status_code == 429:
            assert answer.headers["retry-after"]
            return json.loads(answer.content)
    raise AssertionError("never limited")
