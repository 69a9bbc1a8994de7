"""The processes of the Functions app: the same app each time, on our own host, or on the real one (`HOST=func`)."""

from collections.abc import Mapping

import httpx

from local.stack.core_tools import azurite_part, func_command, func_environment
from local.stack.function_names import (
    ALL_FUNCTIONS,
    HTTP_FUNCTIONS,
    PROJECTOR_FUNCTIONS,
    SERVICES,
    TIMER_FUNCTIONS,
)
from local.stack.part import USUAL_START_SECONDS, Listener, Part, python_module
from local.stack.probes import answers_http
from local.stack.settings import HOST, StackSettings

_FIRST = {"node 2": frozenset({"node 1"}), "projector": frozenset({"read service"})}
"""What may start later, and after what: they would keep the timers' host, which is ready last, from a processor."""

_SECONDS_OF_CORE_TOOLS = 300.0
"""Its first start fetches the extension bundle."""


def functions_hosts(
    settings: StackSettings, *, values: Mapping[str, str], client: httpx.AsyncClient
) -> list[Part]:
    """Two nodes, the timers and the projector; before them Azurite, where the real host needs one of the stack's own.

    Raises:
        StackError: the real host is wanted, and something that it needs is not installed.
    """
    ports = settings.ports
    hosts = [
        _functions_host(name, port=port, functions=functions, settings=settings, values=values, client=client)
        for name, port, functions in (
            ("node 1", ports.node_1, HTTP_FUNCTIONS),
            ("node 2", ports.node_2, HTTP_FUNCTIONS),
            ("timers", ports.timers, TIMER_FUNCTIONS),
            ("projector", ports.projector, PROJECTOR_FUNCTIONS),
        )
    ]
    storage = azurite_part(settings)
    return [storage, *hosts] if storage else hosts


def _functions_host(
    name: str,
    *,
    port: int,
    functions: tuple[str, ...],
    settings: StackSettings,
    values: Mapping[str, str],
    client: httpx.AsyncClient,
) -> Part:
    """App settings switch off the functions that are not this process's.

    The timers are ready when the outbox master has connected to its sinks.
    """
    runs_master = functions == TIMER_FUNCTIONS
    disabled = {f"AzureWebJobs.{other}.Disabled": "true" for other in ALL_FUNCTIONS if other not in functions}
    return Part(
        name=name,
        command=_command(port, settings=settings),
        environment={
            **values,
            **disabled,
            "OTEL_SERVICE_NAME": SERVICES[functions],
            **(func_environment(settings) if settings.has_real_host else {}),
        },
        listener=Listener(port=port, purpose="a Functions host"),
        ready=(
            answers_http(f"http://{HOST}:{port}/health", client=client, telling="sink domain-events")
            if runs_master
            else answers_http(f"http://{HOST}:{port}/livez", client=client)
        ),
        after=frozenset({"migrations", "azurite"} if settings.starts_azurite else {"migrations"})
        | _FIRST.get(name, frozenset()),
        start_seconds=_SECONDS_OF_CORE_TOOLS if settings.has_real_host else USUAL_START_SECONDS,
    )


def _command(port: int, *, settings: StackSettings) -> tuple[str, ...]:
    if settings.has_real_host:
        return func_command(port)
    state = settings.state_directory / "host"
    return python_module("local.functions_host", "start", "--port", port, "--state", state)
