"""The API gateway and the load balancer: Envoy, with the same configuration as in the container."""

import httpx

from infra.envoy.render import DESCRIPTOR_SET, render
from local.stack.embedded import envoy_program
from local.stack.part import Listener, Part
from local.stack.probes import answers_http
from local.stack.settings import HOST, StackSettings

GATEWAY = "gateway"

_REQUESTS_PER_SECOND = 5_000


def load_balancer_part(settings: StackSettings, *, client: httpx.AsyncClient) -> Part:
    """The load balancer; ready once a node answers through it."""
    port = settings.ports.load_balancer
    return _envoy(
        "load balancer",
        configuration="load_balancer.yaml",
        settings=settings,
        listener=Listener(port=port, purpose="the functions, load-balanced"),
        probe_url=f"http://{HOST}:{port}/livez",
        client=client,
    )


def gateway_part(settings: StackSettings, *, client: httpx.AsyncClient) -> Part:
    """The gateway; ready once a booking could be made and read through it."""
    port = settings.ports.gateway
    return _envoy(
        GATEWAY,
        configuration="gateway.yaml",
        settings=settings,
        listener=Listener(port=port, purpose="the API"),
        probe_url=f"http://{HOST}:{port}/health",
        client=client,
    )


def _envoy(
    name: str,
    *,
    configuration: str,
    settings: StackSettings,
    listener: Listener,
    probe_url: str,
    client: httpx.AsyncClient,
) -> Part:
    rendered = settings.state_directory / configuration
    rendered.parent.mkdir(parents=True, exist_ok=True)
    rendered.write_text(render(configuration, values=_values(settings)))
    arguments = (
        "--config-path",
        str(rendered),
        "--disable-hot-restart",
        "--concurrency",
        "1",
        "--log-level",
        "warning",
    )
    return Part(
        name=name,
        command=(str(envoy_program()), *arguments),
        listener=listener,
        ready=answers_http(probe_url, client=client),
    )


def _values(settings: StackSettings) -> dict[str, str]:
    ports = settings.ports
    return {
        "LISTEN_ADDRESS": HOST,
        "GATEWAY_PORT": str(ports.gateway),
        "LOAD_BALANCER_HOST": HOST,
        "LOAD_BALANCER_PORT": str(ports.load_balancer),
        "NODE_1_HOST": HOST,
        "NODE_1_PORT": str(ports.node_1),
        "NODE_2_HOST": HOST,
        "NODE_2_PORT": str(ports.node_2),
        "READ_SERVICE_HOST": HOST,
        "READ_SERVICE_PORT": str(ports.read_service),
        "DESCRIPTOR_SET": str(DESCRIPTOR_SET),
        "RATE_LIMIT_PER_SECOND": str(_REQUESTS_PER_SECOND),
    }
