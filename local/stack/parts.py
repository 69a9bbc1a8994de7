"""Which processes make up the stack, and the settings that make product code run here instead of in Azure."""

import sys
from pathlib import Path

import httpx

from local.stack.embedded import redis_program
from local.stack.gateways import gateway_part, load_balancer_part
from local.stack.part import Listener, Part
from local.stack.probes import HOST, accepts_tcp, answers_http
from local.stack.settings import StackSettings

MONGO_DATABASE = "cinema"
HTTP_FUNCTIONS = (
    "asset",
    "booking_page",
    "cancel_reservation",
    "cancel_showtime",
    "confirm_reservation",
    "create_showtime",
    "dead_letters",
    "discard_dead_letter",
    "docs_page",
    "event_schema",
    "openapi_json",
    "operations_page",
    "outbox_status",
    "pipeline_status",
    "redrive_dead_letter",
    "register_auditorium",
    "register_movie",
    "reschedule_showtime",
    "reserve_seats",
    "trace_reservation",
)
TIMER_FUNCTIONS = (
    "idempotency_cleanup",
    "outbox_master_1",
    "outbox_retention",
    "projection_gaps",
    "reservation_expiry",
    "showtime_cancellation",
)
PROJECTOR_FUNCTIONS = ("projector",)

SERVICES: dict[tuple[str, ...], str] = {
    HTTP_FUNCTIONS: "cinema-commands",
    TIMER_FUNCTIONS: "cinema-timers",
    PROJECTOR_FUNCTIONS: "cinema-projector",
}
"""What each process of the functions is called in its telemetry; nodes share a name, since they are one service."""

_HUBS = ("cinema.domain.events=8:projector", "cinema.reservations=8:")


def mongo_url(settings: StackSettings) -> str:
    """Where this stack's MongoDB protocol is served."""
    return f"mongodb://{HOST}:{settings.ports.mongo}"


def stack_parts(settings: StackSettings, *, client: httpx.AsyncClient) -> list[Part]:
    """Every part of the stack, in the order in which they are shown; `client` is used to probe them."""
    return [*_servers(settings), _migrations(settings), *_products(settings, client=client)]


def _servers(settings: StackSettings) -> list[Part]:
    ports, state = settings.ports, settings.state_directory
    hubs = [argument for hub in _HUBS for argument in ("--hub", hub)]
    redis = ("--port", str(ports.redis), "--bind", HOST, "--save", "", "--dir", str(state))
    return [
        Part(
            name="event hubs",
            command=_module("local.eventhubs", "--port", ports.event_hubs, "--data", state / "hubs", *hubs),
            listener=Listener(port=ports.event_hubs, purpose="Event Hubs over AMQP"),
            ready=accepts_tcp(ports.event_hubs),
        ),
        Part(
            name="mongodb",
            command=_module("local.mongo", "--port", ports.mongo, "--data", state / "mongo"),
            listener=Listener(port=ports.mongo, purpose="the MongoDB protocol"),
            ready=accepts_tcp(ports.mongo),
        ),
        Part(
            name="redis",
            command=(str(redis_program()), *redis),
            listener=Listener(port=ports.redis, purpose="the Redis protocol"),
            ready=accepts_tcp(ports.redis),
        ),
    ]


def _migrations(settings: StackSettings) -> Part:
    return Part(
        name="migrations", command=_module("migrations", "upgrade"), environment=functions_settings(settings)
    )


def _products(settings: StackSettings, *, client: httpx.AsyncClient) -> list[Part]:
    ports = settings.ports
    node_1 = _functions_host(
        "node 1", port=ports.node_1, settings=settings, functions=HTTP_FUNCTIONS, client=client
    )
    node_2 = _functions_host(
        "node 2", port=ports.node_2, settings=settings, functions=HTTP_FUNCTIONS, client=client
    )
    timers = _functions_host(
        "timers", port=ports.timers, settings=settings, functions=TIMER_FUNCTIONS, client=client
    )
    projector = _functions_host(
        "projector", port=ports.projector, settings=settings, functions=PROJECTOR_FUNCTIONS, client=client
    )
    return [
        node_1,
        node_2,
        timers,
        projector,
        _read_service(settings),
        load_balancer_part(settings, client=client),
        gateway_part(settings, client=client),
    ]


def _functions_host(
    name: str, *, port: int, settings: StackSettings, functions: tuple[str, ...], client: httpx.AsyncClient
) -> Part:
    """The same app each time; app settings switch off the functions that are not this process's.

    The timers are ready when the outbox master has connected to its sinks.
    """
    runs_master = functions == TIMER_FUNCTIONS
    everything = HTTP_FUNCTIONS + TIMER_FUNCTIONS + PROJECTOR_FUNCTIONS
    disabled = {f"AzureWebJobs.{other}.Disabled": "true" for other in everything if other not in functions}
    return Part(
        name=name,
        command=_module(
            "local.functions_host", "start", "--port", port, "--state", settings.state_directory / "host"
        ),
        environment={
            **functions_settings(settings),
            **disabled,
            "OTEL_SERVICE_NAME": SERVICES[functions],
        },
        listener=Listener(port=port, purpose="a Functions host"),
        ready=(
            answers_http(f"http://{HOST}:{port}/health", client=client, telling="sink domain-events")
            if runs_master
            else answers_http(f"http://{HOST}:{port}/livez", client=client)
        ),
        after=frozenset({"migrations"}) if runs_master else frozenset(),
    )


def functions_settings(settings: StackSettings) -> dict[str, str]:
    """What every functions host of this stack is told of the others."""
    data = settings.state_directory / "databases"
    return {
        "WRITE_DATABASE_URL": settings.write_database_url or f"sqlite:///{data / 'cinema.db'}",
        "REPORTING_DATABASE_URL": settings.reporting_database_url or f"sqlite:///{data / 'reporting.db'}",
        "EventHub": (
            f"Endpoint=sb://localhost:{settings.ports.event_hubs};SharedAccessKeyName=RootManageSharedAccessKey;"
            "SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;"
        ),
        "MONGO_URL": mongo_url(settings),
        "MONGO_DATABASE": MONGO_DATABASE,
        "REDIS_URL": f"redis://{HOST}:{settings.ports.redis}/0",
    }


def _read_service(settings: StackSettings) -> Part:
    port = settings.ports.read_service
    return Part(
        name="read service",
        command=_module("readsvc"),
        environment={
            "GRPC_PORT": str(port),
            "MONGO_URL": mongo_url(settings),
            "MONGO_DATABASE": MONGO_DATABASE,
            "REDIS_URL": f"redis://{HOST}:{settings.ports.redis}/0",
        },
        listener=Listener(port=port, purpose="gRPC"),
        ready=accepts_tcp(port),
    )


def _module(name: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *map(str, arguments))


def data_directories(settings: StackSettings) -> list[Path]:
    """The folders that must exist before anything starts."""
    return [settings.state_directory / name for name in ("databases", "hubs", "mongo", "logs")]
