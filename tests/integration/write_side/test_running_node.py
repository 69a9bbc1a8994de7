"""A node as it runs, over a socket: nothing that is sent makes it fail, or answer what the document does not tell."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings

from local.stack.parts import PROJECTOR_FUNCTIONS, TIMER_FUNCTIONS
from tests.integration.write_side.function_client import Answer
from tests.schemas.documented_client import DocumentedClient
from tests.schemas.some_requests import SomeRequest, some_requests
from tests.schemas.validation import Schemas
from tests.servers.process import free_port, module, wait_until_listening
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("node")
    database = WriteDatabase(f"sqlite:///{folder / 'cinema.db'}")
    elsewhere = {f"AzureWebJobs.{name}.Disabled": "true" for name in TIMER_FUNCTIONS + PROJECTOR_FUNCTIONS}
    port = free_port()
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(
            module("local.functions_host", "start", "--port", port, "--state", folder / "state"),
            env={**os.environ, **elsewhere, "WRITE_DATABASE_URL": database.url},
            cwd=Path(__file__).parents[3],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_listening(port, process=process)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.wait(timeout=30)
        database.close()


@pytest.fixture(scope="module")
def documented(node: httpx.Client) -> DocumentedClient:
    """Judges answers by the document that this node serves."""
    return DocumentedClient([], Schemas({"openapi": node.get("/api/openapi.json").json()}, current="openapi"))


def as_answer(response: httpx.Response) -> Answer:
    media_type = response.headers["content-type"].partition(";")[0]
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers | {"content-type": media_type}, response.content)


@pytest.fixture(scope="module")
def showtime_id(node: httpx.Client) -> str:
    node.put("/api/movies/tt1375666", json={"title": "Inception", "runtimeMinutes": 148})
    node.put("/api/auditoriums/odeon-1", json={"name": "Odeon 1", "rows": [{"row": "A", "seats": 50}]})
    showtime = {"movieId": "tt1375666", "auditoriumId": "odeon-1", "screeningTime": "2900-12-01T14:00:00Z"}
    return node.post("/api/showtimes", json=showtime).json()["showtimeId"]


@pytest.fixture(scope="module")
def reservation_id(node: httpx.Client, showtime_id: str) -> str:
    seats = [{"row": "A", "number": 50}]
    body = {"showtimeId": showtime_id, "customerId": str(uuid4()), "seats": seats}
    return node.post("/api/reservations", json=body).json()["reservationId"]


@settings(max_examples=200, deadline=None)
@given(request=some_requests())
def test_no_request_makes_a_node_fail_or_answer_beside_its_document(
    node: httpx.Client,
    documented: DocumentedClient,
    showtime_id: str,
    reservation_id: str,
    request: SomeRequest,
) -> None:
    sent = request.about(showtime_id=showtime_id, reservation_id=reservation_id)
    response = node.request(sent.method, sent.path, content=sent.body, headers=sent.headers)
    operation = documented.operation(sent.method, sent.path)
    assert documented.problems(operation, as_answer(response)) == []
    assert response.status_code < 500


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/api/docs", "text/html"),
        ("/api/openapi.json", "application/json"),
        ("/assets/docs.css", "text/css"),
        ("/assets/docs.js", "text/javascript"),
    ],
)
def test_a_node_serves_the_document_and_its_page(
    node: httpx.Client, documented: DocumentedClient, path: str, media_type: str
) -> None:
    response = node.get(path)
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert documented.problems(documented.operation("GET", path), as_answer(response)) == []
