"""The gateway as its container runs it in Azure: by the entrypoint, with both configurations, over TLS, by name."""

import os
import shutil
import subprocess
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.envoy.render import DESCRIPTOR_SET, FOLDER
from local.stack.embedded import envoy_program
from tests.servers.certificates import certificate_of
from tests.servers.process import free_port, running
from tests.servers.read_service import eventually
from tests.servers.tls_servers import FunctionsApp, functions_app, read_service_over_tls

pytestmark = pytest.mark.integration

NAME = "localhost"
SHOWTIME = "6f1cfd4e-5d0e-4a53-9b0e-0b9d3f0a1c11"


@dataclass(frozen=True)
class Cloud:
    """What stands behind the gateway, and a client of it."""

    commands: FunctionsApp
    operations: FunctionsApp
    gateway: httpx.Client


@contextmanager
def cloud(folder: Path, *, certified: str = NAME) -> Generator[Cloud]:
    """Everything, listening. `certified` is the name that the certificates bear; the gateway asks for `NAME`."""
    certificate = certificate_of(certified, folder=folder)
    with ExitStack() as stack:
        commands = stack.enter_context(functions_app("commands", certificate=certificate))
        operations = stack.enter_context(functions_app("operations", certificate=certificate))
        reads = stack.enter_context(read_service_over_tls(certificate=certificate))
        port = free_port()
        environment = {
            "LISTEN_ADDRESS": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "RATE_LIMIT_PER_SECOND": "10000",
            "DESCRIPTOR_SET": str(DESCRIPTOR_SET),
            "LOAD_BALANCER_HOST": "127.0.0.1",
            "LOAD_BALANCER_PORT": str(free_port()),
            "READ_SERVICE_HOST": "127.0.0.1",
            "READ_SERVICE_PORT": str(free_port()),
            "COMMANDS_HOST": NAME,
            "COMMANDS_PORT": str(commands.port),
            "OPERATIONS_HOST": NAME,
            "OPERATIONS_PORT": str(operations.port),
            "READS_HOST": NAME,
            "READS_PORT": str(reads),
            "TRUSTED_CERTIFICATES": str(certificate),
            "HEALTH_SECONDS": "3600",
        }
        program = folder / "envoy"
        program.symlink_to(envoy_program())
        stack.enter_context(running(*_container(environment, folder=folder), port=port))
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
        yield Cloud(commands=commands, operations=operations, gateway=stack.enter_context(client))


def _container(environment: dict[str, str], *, folder: Path) -> tuple[str, ...]:
    """The entrypoint with the arguments of the Dockerfile, a clean environment, and `envoy` on the path."""
    env = shutil.which("env")
    assert env
    values = {**environment, "PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": str(folder)}
    options = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "error")
    files = ("gateway.yaml", "cloud_upstreams.yaml")
    assignments = (f"{name}={value}" for name, value in values.items())
    return (env, "-i", *assignments, str(FOLDER / "entrypoint.sh"), *files, *options)


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud(tmp_path_factory.mktemp("azure")) as running_cloud:
        eventually(lambda: running_cloud.gateway.get("/health").is_success)
        yield running_cloud


def test_a_command_reaches_the_commands_app_under_its_own_name(azure: Cloud) -> None:
    answer = azure.gateway.post("/api/reservations", json={}, headers={"host": "tickets.example"})
    assert answer.json() == {"app": "commands"}
    assert ("POST", "/api/reservations", NAME) in azure.commands.asked


@pytest.mark.parametrize("path", ["/", "/api/docs", "/api/openapi.json"])
def test_pages_are_those_of_the_commands_app(azure: Cloud, path: str) -> None:
    assert azure.gateway.get(path).json() == {"app": "commands"}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/ops/outbox"), ("POST", "/api/ops/dead-letters/1/redrive")]
)
def test_operations_reach_their_own_app_alone(azure: Cloud, method: str, path: str) -> None:
    assert azure.gateway.request(method, path).json() == {"app": "operations"}
    assert (method, path, NAME) in azure.operations.asked
    assert path not in azure.commands.paths()


def test_no_way_of_writing_a_path_leads_operations_to_the_commands_app(azure: Cloud) -> None:
    for path in ("/api//ops/outbox", "/api/x/../ops/outbox", "/api/./ops/outbox"):
        azure.gateway.get(path)
    assert not [path for path in azure.commands.paths() if "ops" in path]


def test_a_query_reaches_the_read_service(azure: Cloud) -> None:
    answer = azure.gateway.get(f"/api/showtimes/{SHOWTIME}")
    assert answer.status_code == 404
    assert answer.json()["message"] == f"no showtime {SHOWTIME}"


def test_that_the_gateway_asks_often_costs_no_executions(azure: Cloud) -> None:
    for _ in range(20):
        assert azure.gateway.get("/health").is_success
    assert azure.commands.paths().count("/health") == 1


def test_a_certificate_of_another_name_is_not_believed(tmp_path: Path) -> None:
    with cloud(tmp_path, certified="elsewhere") as deceived:
        assert deceived.gateway.post("/api/reservations", json={}).status_code == 503
        assert deceived.gateway.get(f"/api/showtimes/{SHOWTIME}").status_code == 503
        assert deceived.commands.asked == []


def test_a_name_of_the_second_file_without_a_value_stops_the_container(tmp_path: Path) -> None:
    values = {
        "LISTEN_ADDRESS": "x",
        "DESCRIPTOR_SET": "x",
        "LOAD_BALANCER_HOST": "x",
        "READ_SERVICE_HOST": "x",
    }
    values |= {"GATEWAY_PORT": "1", "RATE_LIMIT_PER_SECOND": "1", "LOAD_BALANCER_PORT": "1"}
    values |= {"READ_SERVICE_PORT": "1"}
    command = _container(values, folder=tmp_path)
    stopped = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("cloud_upstreams.yaml needs COMMANDS_HOST")
