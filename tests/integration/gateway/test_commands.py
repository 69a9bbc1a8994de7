"""All but the queries goes to the functions, and what comes back of the gateway's own is problem+json."""

from collections import Counter

import httpx
import pytest

from tests.servers import functions_node
from tests.servers.envoy import GatewayPorts

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "path", ["/", "/ops", "/assets/app.css", "/api/openapi.json", "/api/ops/outbox", functions_node.SCHEMA]
)
def test_pages_and_operations_come_from_the_functions(gateway: httpx.Client, path: str) -> None:
    assert gateway.get(path).status_code == 200


def test_commands_go_to_the_nodes_in_turn(gateway: httpx.Client, ports: GatewayPorts) -> None:
    turns = Counter(gateway.post("/api/reservations", json={}).json()["node"] for _ in range(20))
    assert set(turns) == {str(port) for port in ports.nodes}
    assert min(turns.values()) >= 8  # the turn starts anew when names are resolved again


def test_a_body_of_unknown_length_arrives_whole(gateway: httpx.Client) -> None:
    answer = gateway.post("/api/reservations", content=iter([b"a" * 1000, b"b" * 1000]))
    assert answer.json()["bytes"] == 2000


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/popcorn"),
        ("POST", "/popcorn"),
        ("DELETE", "/api/showtimes/x"),
        ("PUT", "/api/showtimes"),
        ("PATCH", '/api/a"b?c="\\'),
    ],
)
def test_an_unknown_path_or_method_is_a_problem(gateway: httpx.Client, method: str, path: str) -> None:
    answer = gateway.request(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["type"]) == (404, 404, "/problems/not-found")
    assert problem["title"]
    assert problem["instance"]


def test_a_crash_without_words_gets_some(gateway: httpx.Client) -> None:
    answer = gateway.post("/api/crash")
    assert (answer.status_code, answer.json()["status"], answer.json()["type"]) == (500, 500, "about:blank")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_a_mebibyte_is_too_large(gateway: httpx.Client, chunked: bool) -> None:  # noqa: FBT001 a parameter of the test
    body = b"x" * 3_000_000
    answer = gateway.post("/api/reservations", content=iter([body]) if chunked else body)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_client_can_not_choose_the_shape_of_a_refusal(gateway: httpx.Client) -> None:
    answer = gateway.post("/api/popcorn", headers={"x-envoy-original-method": "GET"})
    assert answer.json()["type"] == "/problems/not-found"
