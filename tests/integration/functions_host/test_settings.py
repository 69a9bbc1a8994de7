"""Where settings come from, and which of them wins."""

import json
from pathlib import Path

import httpx
import pytest

from tests.integration.functions_host.host_process import RunningHost, running_host, write_app
from tests.servers.process import free_port

pytestmark = pytest.mark.integration

APP = """
import os
NAMES = ("OWN", "EMPTY", "GIVEN", "AZURE_FUNCTIONS_ENVIRONMENT")

@app.route("settings")
def settings(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("|".join(os.environ[name] for name in NAMES))

@app.route("other")
def other(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("other")
"""
SETTINGS = {"OWN": "file", "EMPTY": "file", "GIVEN": "file"}


def get(host: RunningHost, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{host.url}/{path}", headers=headers, trust_env=False, timeout=20)


def test_the_environment_wins_over_both_files_unless_it_is_empty(tmp_path: Path) -> None:
    environment = {
        "EMPTY": "",
        "GIVEN": "environment",
        "AZURE_FUNCTIONS_ENVIRONMENT": "Production",
        "AzureFunctionsJobHost__extensions__http__routePrefix": "v2",
        "AzureFunctionsJobHost__logging__logLevel__Function": "Warning",
    }
    host_json = {"extensions": {"http": {"routePrefix": "v1"}}}
    root = write_app(tmp_path, APP, host=host_json, settings=SETTINGS)
    with running_host(root, environment=environment) as host:
        assert get(host, "v2/settings").text == "file|file|environment|Development"
        assert get(host, "v1/settings").status_code == 404
    assert "Executing 'Functions.settings'" not in host.output


def test_only_the_functions_that_were_named_run_and_verbose_logs_them_all_the_same(tmp_path: Path) -> None:
    quiet = {"logging": {"logLevel": {"default": "None", "Function": "None"}}}
    root = write_app(tmp_path, APP, host=quiet, settings=SETTINGS)
    with running_host(root, "--verbose", "--functions", "other") as host:
        assert get(host, "api/other").text == "other"
        assert get(host, "api/settings").status_code == 404
    assert "Executing 'Functions.other'" in host.output


def test_local_settings_name_the_port_and_the_origins_that_may_call(tmp_path: Path) -> None:
    port = free_port()
    local = {"LocalHttpPort": port, "CORS": "https://a.example, https://b.example", "CORSCredentials": True}
    with running_host(write_app(tmp_path, APP, local=local), port=port) as host:
        known = get(host, "api/other", origin="https://b.example")
        unknown = get(host, "api/other", origin="https://c.example")
    assert known.headers["access-control-allow-origin"] == "https://b.example"
    assert known.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in unknown.headers


def test_a_preflight_is_answered_by_the_host_where_the_command_line_allows_every_origin(
    tmp_path: Path,
) -> None:
    with running_host(write_app(tmp_path, APP), "--cors", "*") as host:
        headers = {"origin": "https://a.example", "access-control-request-method": "PUT"}
        answer = httpx.options(f"{host.url}/api/other", headers=headers, trust_env=False, timeout=20)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert "PUT" in answer.headers["access-control-allow-methods"]


KEYED = """
app = func.FunctionApp()

@app.route("open", auth_level=func.AuthLevel.ANONYMOUS)
def for_anybody(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("open")

@app.route("keyed", auth_level=func.AuthLevel.FUNCTION)
def for_keys(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("keyed")

@app.route("master", auth_level=func.AuthLevel.ADMIN)
def for_the_master(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("master")

@app.route("default")
def without_a_level(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("default")
"""


def test_keys_are_asked_for_where_auth_is_enabled(tmp_path: Path) -> None:
    with running_host(write_app(tmp_path, KEYED), "--enableAuth") as host:
        keys = json.loads((tmp_path / "state/secrets/host.json").read_text())
        master, default = keys["masterKey"]["value"], keys["functionKeys"][0]["value"]
        cases = {
            "api/open": (200, 200, 200),
            "api/keyed": (401, 200, 200),
            "api/default": (401, 200, 200),
            "api/master": (401, 401, 200),
            "admin/host/ping": (401, 401, 200),
        }
        for path, expected in cases.items():
            answers = [get(host, path, **{"x-functions-key": key}) for key in ("", default, master)]
            assert tuple(answer.status_code for answer in answers) == expected, path
        assert get(host, f"api/keyed?code={default}").text == "keyed"
        wrong = get(host, f"api/keyed?code={default}", **{"x-functions-key": "wrong"})
        assert (wrong.status_code, wrong.content) == (401, b"")


def test_keys_mean_nothing_where_auth_is_not_enabled(tmp_path: Path) -> None:
    with running_host(write_app(tmp_path, KEYED)) as host:
        assert {get(host, f"api/{path}").status_code for path in ("open", "keyed", "default", "master")} == {
            200
        }
