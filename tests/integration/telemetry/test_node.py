"""What a node tells, and what it puts into the outbox, with telemetry and without."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.box_office import eventually
from tests.servers.otlp_receiver import OtlpReceiver, otlp_receiver
from tests.servers.running_node import RunningNode, running_node

pytestmark = pytest.mark.integration

CALLERS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
MOVIE = {"title": "Alien", "runtimeMinutes": 117}


@pytest.fixture(scope="module")
def receiver() -> Iterator[OtlpReceiver]:
    with otlp_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def telling(receiver: OtlpReceiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(tmp_path_factory.mktemp("telling"), receiver.environment) as node:
        yield node


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(tmp_path_factory.mktemp("silent"), {"TELEMETRY_EXPORTER": "none"}) as node:
        yield node


def register(node: RunningNode, movie: str, *, traceparent: str | None = None) -> httpx.Response:
    headers = {"traceparent": traceparent} if traceparent else {}
    answer = node.client.put(f"/api/movies/{movie}", json=MOVIE, headers=headers)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return answer


def stored(node: RunningNode, movie: str) -> str | None:
    (found,) = (
        message.traceparent for _, message in node.database.messages() if message.aggregate_id == movie
    )
    return found


def test_a_trace_that_begins_here_is_stored_with_the_events(telling: RunningNode) -> None:
    answer = register(telling, "tt0000000")
    assert stored(telling, "tt0000000") == answer.headers["traceresponse"]


def test_a_callers_trace_is_stored_with_the_place_of_the_command(telling: RunningNode) -> None:
    answer = register(telling, "tt0000001", traceparent=CALLERS)
    assert answer.headers["traceresponse"].split("-")[1] == CALLERS.split("-")[1]
    assert stored(telling, "tt0000001") == answer.headers["traceresponse"] != CALLERS


def test_a_caller_that_does_not_record_is_heeded(telling: RunningNode) -> None:
    register(telling, "tt0000002", traceparent=f"{CALLERS[:-2]}00")
    found = stored(telling, "tt0000002")
    assert found is not None
    assert found.startswith(CALLERS[:35])
    assert found.endswith("-00")


def test_without_telemetry_a_callers_trace_is_stored_as_it_came(silent: RunningNode) -> None:
    answer = register(silent, "tt0000003", traceparent=CALLERS)
    assert "traceresponse" not in answer.headers
    assert stored(silent, "tt0000003") == CALLERS


def test_without_telemetry_no_trace_begins(silent: RunningNode) -> None:
    register(silent, "tt0000004")
    assert stored(silent, "tt0000004") is None


def test_whether_it_lives_is_not_told(telling: RunningNode, receiver: OtlpReceiver) -> None:
    assert telling.client.get("/health").status_code == httpx.codes.OK
    register(telling, "tt0000005")
    eventually(lambda: any(span.name.startswith("PUT") for span in receiver.told.spans))
    assert {span.name for span in receiver.told.spans} == {"PUT /api/movies/{movieId}"}


def test_a_broken_request_is_measured_by_its_problem(telling: RunningNode, receiver: OtlpReceiver) -> None:
    refused = telling.client.put(
        "/api/movies/tt0000009", content=b"{", headers={"content-type": "application/json"}
    )
    assert refused.status_code == httpx.codes.BAD_REQUEST
    eventually(
        lambda: (
            receiver.told.newest("cinema.command.duration", command="register_movie", result="malformed")
            is not None
        )
    )
