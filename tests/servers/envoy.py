"""The gateway and the load balancer as processes for tests, over two nodes and a read service."""

from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx

from infra.envoy.render import DESCRIPTOR_SET, render
from local.stack.embedded import envoy_program
from tests.servers.process import free_port, module, running

LOCALHOST = "127.0.0.1"


@dataclass(frozen=True)
class GatewayPorts:
    """Where each part listens."""

    read_service: int
    gateway: int = field(default_factory=free_port)
    load_balancer: int = field(default_factory=free_port)
    nodes: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))

    def values(self, *, requests_per_second: int = 10_000) -> dict[str, str]:
        """What the configurations are filled in with."""
        hosts = ("LISTEN_ADDRESS", "LOAD_BALANCER_HOST", "NODE_1_HOST", "NODE_2_HOST", "READ_SERVICE_HOST")
        return {
            **dict.fromkeys(hosts, LOCALHOST),
            "GATEWAY_PORT": str(self.gateway),
            "LOAD_BALANCER_PORT": str(self.load_balancer),
            "NODE_1_PORT": str(self.nodes[0]),
            "NODE_2_PORT": str(self.nodes[1]),
            "READ_SERVICE_PORT": str(self.read_service),
            "DESCRIPTOR_SET": str(DESCRIPTOR_SET),
            "RATE_LIMIT_PER_SECOND": str(requests_per_second),
        }


@contextmanager
def node(port: int) -> Generator[Popen[bytes]]:
    """A stand-in for a Functions host."""
    with running(*module("tests.servers.functions_node", port), port=port) as process:
        yield process


@contextmanager
def envoys(
    ports: GatewayPorts,
    *,
    folder: Path,
    configurations: Iterable[str] = ("load_balancer.yaml", "gateway.yaml"),
    requests_per_second: int = 10_000,
    query_timeout: str = "15s",
) -> Generator[None]:
    """The gateway and the load balancer, or one of them, listening. `query_timeout` goes where 15 s stands."""
    listening = {"load_balancer.yaml": ports.load_balancer, "gateway.yaml": ports.gateway}
    values = ports.values(requests_per_second=requests_per_second)
    with ExitStack() as processes:
        for configuration in configurations:
            rendered = folder / configuration
            text = render(configuration, values=values)
            rendered.write_text(text.replace("timeout: 15s", f"timeout: {query_timeout}"))
            options = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "error")
            command = (str(envoy_program()), "--config-path", str(rendered), *options)
            processes.enter_context(running(*command, port=listening[configuration]))
        yield


@contextmanager
def lone_gateway(*, read_service: int, folder: Path, **options: Any) -> Generator[httpx.Client]:
    """A gateway that has a read service's port, and no function behind it. `options` are those of `envoys`."""
    ports = GatewayPorts(read_service=read_service)
    with (
        envoys(ports, folder=folder, configurations=("gateway.yaml",), **options),
        httpx.Client(base_url=f"http://{LOCALHOST}:{ports.gateway}", trust_env=False, timeout=20) as client,
    ):
        yield client
