"""A node as it runs, over a socket: nothing that is sent makes it fail, or answer what the document does not tell."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Session

from functions.contract.openapi import openapi_document
from tests.integration.write_side.function_client import Answer
from tests.schemas.documented_client import DocumentedClient
from tests.schemas.schemathesis_cases import Operation, call_and_check, operations_of_a_node
from tests.schemas.validation import Schemas
from tests.servers.running_node import running_node

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_node(tmp_path_factory.mktemp("node")) as running:
        yield running.client


@pytest.fixture(scope="module")
def documented(node: httpx.Client) -> DocumentedClient:
    """Judges answers by the document that this node serves."""
    return DocumentedClient([], Schemas({"openapi": node.get("/api/openapi.json").json()}, current="openapi"))


def as_answer(response: httpx.Response) -> Answer:
    media_type = response.headers["content-type"].partition(";")[0]
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers | {"content-type": media_type}, response.content)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as kept:
        kept.trust_env = False
        yield kept


@pytest.mark.parametrize("operation", operations_of_a_node(), ids=str)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_schemathesis_finds_no_failure_and_nothing_undocumented(
    node: httpx.Client, session: Session, operation: Operation, data: st.DataObject
) -> None:
    call_and_check(data.draw(operation.cases()), base_url=str(node.base_url), session=session)


def test_schemathesis_notices_a_status_that_is_not_in_the_document(
    node: httpx.Client, session: Session
) -> None:
    document = openapi_document()
    del document["paths"]["/livez"]["get"]["responses"]["200"]
    document["paths"]["/livez"]["get"]["responses"]["204"] = {"description": "Nothing."}
    (livez,) = (one for one in operations_of_a_node(document) if str(one) == "GET /livez")
    with pytest.raises(BaseExceptionGroup):
        call_and_check(livez.inner.Case(), base_url=str(node.base_url), session=session)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/api/docs", "text/html"),
        ("/api/openapi.json", "application/json"),
        ("/assets/docs.css", "text/css"),
        ("/assets/docs.js", "text/javascript"),
        ("/schemas/events/cinema.movie.changed.v1.json", "application/schema+json"),
    ],
)
def test_a_node_serves_the_document_and_its_page(
    node: httpx.Client, documented: DocumentedClient, path: str, media_type: str
) -> None:
    response = node.get(path)
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert documented.problems(documented.operation("GET", path), as_answer(response)) == []
