"""What the host itself answers."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.box_office import eventually
from tests.integration.functions_host.host_process import RunningHost, running_host, write_app

pytestmark = pytest.mark.integration

APP = """
@app.route("a")
def answers(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("a")

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
def yearly(timer: func.TimerRequest) -> None:
    (here / "yearly").open("a").write(f"{timer.past_due}\\n")

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
def fails(timer: func.TimerRequest) -> None:
    raise ValueError("started by hand")

@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="hub", connection="EventHub",
    cardinality=func.Cardinality.MANY, data_type=func.DataType.BINARY)
def take(events: typing.List[func.EventHubEvent]) -> None:
    for event in events:
        (here / "taken").open("a").write(f"{event.get_body().decode()} of {len(events)}\\n")
"""
NOWHERE = "Endpoint=sb://localhost:1;SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true;"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    root = write_app(tmp_path_factory.mktemp("app"), APP, settings={"EventHub": NOWHERE})
    with running_host(root) as running:
        yield running


def ask(host: RunningHost, method: str, path: str, **options: Any) -> httpx.Response:
    return httpx.request(method, f"{host.url}{path}", trust_env=False, timeout=20, **options)


def test_it_tells_which_functions_there_are_and_that_it_runs(host: RunningHost) -> None:
    functions = ask(host, "GET", "/admin/functions").json()
    assert [(function["name"], function["isDisabled"]) for function in functions] == [
        ("answers", False),
        ("fails", False),
        ("take", False),
        ("yearly", False),
    ]
    assert ask(host, "GET", "/admin/host/status").json()["state"] == "Running"
    assert ask(host, "GET", "/admin/host/ping").status_code == 200


def test_a_timer_is_started_by_hand_and_its_input_ignored(host: RunningHost) -> None:
    answer = ask(host, "POST", "/admin/functions/YEARLY", json={"input": "anything"})
    assert (answer.status_code, answer.content) == (202, b"")
    eventually(lambda: host.written("yearly") == ["False"])


def test_an_event_hub_function_gets_the_input_as_a_batch_of_one(host: RunningHost) -> None:
    assert ask(host, "POST", "/admin/functions/take", json={"input": "by hand"}).status_code == 202
    eventually(lambda: host.written("taken") == ["by hand of 1"])


def test_a_run_that_fails_behind_its_answer_is_in_the_log(host: RunningHost) -> None:
    assert ask(host, "POST", "/admin/functions/fails", json={}).status_code == 202
    eventually(lambda: "ValueError: started by hand" in host.output)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/admin/functions/popcorn", b"{}", 404),
        ("GET", "/admin/popcorn", b"", 404),
        ("POST", "/admin/functions/yearly", b"popcorn", 400),
        ("POST", "/admin/functions/yearly", b'{"input": 7}', 400),
        ("POST", "/admin/functions/answers", b"{}", 501),
    ],
)
def test_what_can_not_be_administered_is_refused(
    host: RunningHost, method: str, path: str, body: bytes, status: int
) -> None:
    assert ask(host, method, path, content=body).status_code == status


def test_the_root_is_a_home_page(host: RunningHost) -> None:
    assert "up and running" in ask(host, "GET", "/").text


def test_the_root_is_empty_where_the_home_page_is_switched_off(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = write_app(
        tmp_path_factory.mktemp("bare"),
        '@app.route("a")\ndef f(req: func.HttpRequest) -> func.HttpResponse: ...',
        settings={"AzureWebJobsDisableHomepage": "true"},
    )
    with running_host(root) as bare:
        answer = ask(bare, "GET", "/")
    assert (answer.status_code, answer.content) == (204, b"")
