"""The host refuses what Azure refuses."""

import socket
from pathlib import Path

import pytest

from tests.integration.functions_host.host_process import refused, write_app

pytestmark = pytest.mark.integration

HTTP = '@app.route("a")\ndef f(req: func.HttpRequest) -> func.HttpResponse: ...\n'
HUB = '@app.event_hub_message_trigger(arg_name="events", event_hub_name="hub", connection="{}")\n'

TAKE = "def f(events: typing.List[func.EventHubEvent]) -> None: ..."
CONNECTIONS = {
    "EventHub": "Endpoint=sb://localhost;SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true;",
    "Identity__fullyQualifiedNamespace": "x.servicebus.windows.net",
}

REFUSED = {
    "no app": ("del app", "exactly one FunctionApp, it has 0"),
    "two apps": ("other = func.FunctionApp()", "exactly one FunctionApp, it has 2"),
    "an error at import": ("raise RuntimeError('broken')", "RuntimeError: broken"),
    "another parameter": (
        '@app.route("a")\ndef f(request: func.HttpRequest): ...',
        "are not the bindings ['req']",
    ),
    "another type": ('@app.route("a")\ndef f(req: int): ...', "f: req can't be <class 'int'>"),
    "another result": ('@app.route("a")\ndef f(req: func.HttpRequest) -> bytes: ...', "f: it can't return"),
    "a name with an underscore in front": (HTTP.replace("def f", "def _f"), "'_f' is no name for a function"),
    "the name of the host": (HTTP.replace("def f", "def host"), "'host' is no name for a function"),
    "another trigger": (
        '@app.queue_trigger(arg_name="m", queue_name="q", connection="c")\ndef f(m: func.QueueMessage) -> None: ...',
        "f: the trigger 'queueTrigger' is not implemented here",
    ),
    "another constraint": (
        HTTP.replace('"a"', '"a/{n:min(1)}"'),
        "f: the route constraint 'min(1)' is not implemented here",
    ),
    "a mixed segment": (
        HTTP.replace('"a"', '"a/x-{n}"'),
        "f: the route segment 'x-{n}' is not implemented here",
    ),
    "a built-in list": (
        HUB.format("EventHub") + "def f(events: list[func.EventHubEvent]) -> None: ...",
        "f: the worker refuses the annotation",
    ),
    "a missing connection": (
        HUB.format("Nowhere") + TAKE,
        "f: the connection setting Nowhere is missing",
    ),
    "the same route twice": (HTTP + HTTP.replace("def f", "def g"), "g: * api/a is the route of f already"),
    "a setting that is not there": (
        '@app.timer_trigger(arg_name="t", schedule="%NOWHERE%")\ndef f(t: func.TimerRequest) -> None: ...',
        "f: the setting %NOWHERE% can't be resolved",
    ),
    "a hub whose setting is not there": (
        HUB.format("EventHub").replace('"hub"', '"%NOWHERE%"') + TAKE,
        "f: the setting %NOWHERE% can't be resolved",
    ),
    "a connection whose setting is not there": (
        HUB.format("%NOWHERE%") + TAKE,
        "f: the setting %NOWHERE% can't be resolved",
    ),
    "an identity's connection": (
        HUB.format("Identity") + TAKE,
        "f: Identity is an identity-based connection, which the local host does not implement",
    ),
    "a schedule that is none": (
        '@app.timer_trigger(arg_name="t", schedule="@daily")\ndef f(t: func.TimerRequest) -> None: ...',
        "f: the schedule '@daily' is no NCRONTAB expression",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_app_is_refused_with_its_reason(tmp_path: Path, case: str) -> None:
    source, reason = REFUSED[case]
    assert reason in refused(write_app(tmp_path, source, settings=CONNECTIONS))


def test_a_reserved_route_is_refused(tmp_path: Path) -> None:
    root = write_app(
        tmp_path, HTTP.replace('"a"', '"admin/x"'), host={"extensions": {"http": {"routePrefix": ""}}}
    )
    assert "f: the route admin/x conflicts with the host's own" in refused(root)


def test_another_version_of_host_json_is_refused(tmp_path: Path) -> None:
    assert 'must say "version": "2.0"' in refused(write_app(tmp_path, HTTP, host={"version": "1.0"}))


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ({"functionTimeout": "soon"}, "functionTimeout: 'soon' is not HH:MM:SS"),
        ({"logging": {"logLevel": {"default": "Chatty"}}}, "'Chatty' is no log level"),
        ({"extensions": {"eventHubs": {"minEventBatchSize": 5}}}, "mineventbatchsize can only be 1"),
        ({"extensions": {"eventHubs": {"batchCheckpointFrequency": 2}}}, "frequency can only be 1"),
        ({"extensions": {"eventHubs": {"maxEventBatchSize": "many"}}}, "is 'many', not a number"),
        (
            {"extensions": {"eventHubs": {"initialOffsetOptions": {"type": "fromEnqueuedTime"}}}},
            "the initial offset 'fromEnqueuedTime' is not implemented here",
        ),
    ],
)
def test_what_host_json_asks_for_in_vain_is_refused(
    tmp_path: Path, host: dict[str, object], reason: str
) -> None:
    assert reason in refused(write_app(tmp_path, HTTP, host=host))


def test_credentials_from_every_origin_are_refused(tmp_path: Path) -> None:
    root = write_app(tmp_path, HTTP, local={"CORSCredentials": True})
    assert "CORSCredentials can't be with CORS of *" in refused(root, "--cors", "*")


def test_an_unknown_function_is_refused(tmp_path: Path) -> None:
    assert "there is no function popcorn" in refused(write_app(tmp_path, HTTP), "--functions", "popcorn")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        assert f"Port {port} is unavailable" in refused(write_app(tmp_path, HTTP), "--port", str(port))
