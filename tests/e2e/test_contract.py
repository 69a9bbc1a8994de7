"""The whole stack keeps to the published document, both sides of it, whatever a client sends."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Session

from shared.contracts.envelope import schema_path
from shared.contracts.events import PUBLISHED_EVENTS, EventData
from tests.e2e.stack_process import StackProcess
from tests.schemas.schemathesis_cases import Operation, call_and_check, operations_of_the_gateway

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as kept:
        kept.trust_env = False
        yield kept


def test_commands_and_queries_are_both_looked_at() -> None:
    names = [str(operation) for operation in operations_of_the_gateway()]
    assert {"POST /api/reservations", "GET /api/reservations/{reservationId}"} <= set(names)


@pytest.mark.parametrize("event", PUBLISHED_EVENTS, ids=lambda event: event.wire_type)
def test_the_gateway_serves_the_schema_of_an_event_where_its_dataschema_says(
    stack: StackProcess, session: Session, event: type[EventData]
) -> None:
    path = schema_path(event.wire_type)
    answer = session.get(f"{stack.url}{path}", timeout=30)
    assert (answer.status_code, answer.json()["$id"]) == (200, path)


@pytest.mark.parametrize("operation", operations_of_the_gateway(), ids=str)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_through_the_gateway_schemathesis_finds_no_failure_and_nothing_undocumented(
    stack: StackProcess, session: Session, operation: Operation, data: st.DataObject
) -> None:
    call_and_check(data.draw(operation.cases()), base_url=stack.url, session=session)
