"""The host refuses what Azure refuses."""

import socket
from pathlib import Path

import pytest

from tests.integration.functions_host.host_process import refused, write_app

pytestmark = pytest.mark.integration

HTTP = '@app.route("a")\ndef f(req: func.HttpRequest) -> func.HttpResponse: ...\n'
HUB = '@app.event_hub_message_trigger(arg_name="events", event_hub_name="hub", connection="{}")\n'

REFUSED = {
    "no app": ("del app", "exactly one FunctionApp, it has 0"),
    "two apps": ("other = func.FunctionApp()", "exactly one FunctionApp, it has 2"),
    "an error at import": ("raise RuntimeError('broken')", "RuntimeError: broken"),
    "another parameter": (
        '@app.route("a")\ndef f(request: func.HttpRequest): ...',
        "are not the bindings ['req']",
    ),
    "another type": ('@app.route("a")\ndef f(req: int): ...', "f: req can't be <class 'int'>"),
    "a built-in list": (
        HUB.format("EventHub") + "def f(events: list[func.EventHubEvent]) -> None: ...",
        "f: the worker refuses the annotation",
    ),
    "a missing connection": (
        HUB.format("Nowhere") + "def f(events: typing.List[func.EventHubEvent]) -> None: ...",
        "f: the connection setting Nowhere is missing",
    ),
    "the same route twice": (HTTP + HTTP.replace("def f", "def g"), "g: * api/a is the route of f already"),
    "a setting that is not there": (
        '@app.timer_trigger(arg_name="t", schedule="%NOWHERE%")\ndef f(t: func.TimerRequest) -> None: ...',
        "f: the setting %NOWHERE% can't be resolved",
    ),
    "a schedule that is none": (
        '@app.timer_trigger(arg_name="t", schedule="@daily")\ndef f(t: func.TimerRequest) -> None: ...',
        "f: the schedule '@daily' is no NCRONTAB expression",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_app_is_refused_with_its_reason(tmp_path: Path, case: str) -> None:
    source, reason = REFUSED[case]
    assert reason in refused(write_app(tmp_path, source))


def test_a_reserved_route_is_refused(tmp_path: Path) -> None:
    root = write_app(
        tmp_path, HTTP.replace('"a"', '"admin/x"'), host={"extensions": {"http": {"routePrefix": ""}}}
    )
    assert "f: the route admin/x conflicts with the host's own" in refused(root)


def test_another_version_of_host_json_is_refused(tmp_path: Path) -> None:
    assert 'must say "version": "2.0"' in refused(write_app(tmp_path, HTTP, host={"version": "1.0"}))


def test_an_unknown_function_is_refused(tmp_path: Path) -> None:
    assert "there is no function popcorn" in refused(write_app(tmp_path, HTTP), "--functions", "popcorn")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        assert f"Port {port} is unavailable" in refused(write_app(tmp_path, HTTP), "--port", str(port))
