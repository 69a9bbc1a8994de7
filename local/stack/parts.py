"""Which processes make up the stack, and the settings that make product code run here instead of in Azure."""

from pathlib import Path

import httpx

from local.stack.embedded import redis_program
from local.stack.functions_hosts import functions_hosts
from local.stack.gateways import gateway_part, load_balancer_part
from local.stack.part import Listener, Part, python_module
from local.stack.probes import accepts_tcp
from local.stack.settings import HOST, StackSettings


def stack_parts(settings: StackSettings, *, client: httpx.AsyncClient) -> list[Part]:
    """Every part of the stack, in the order in which they are shown; `client` is used to probe them."""
    return [*_servers(settings), _migrations(settings), *_products(settings, client=client)]


def _servers(settings: StackSettings) -> list[Part]:
    ports, state = settings.ports, settings.state_directory
    hubs = (
        f"{settings.domain_events_hub}={settings.hub_partitions}:{settings.projector_consumer_group}",
        f"{settings.reservations_hub}={settings.hub_partitions}:",
    )
    hub_arguments = [argument for hub in hubs for argument in ("--hub", hub)]
    redis = ("--port", str(ports.redis), "--bind", HOST, "--save", "", "--dir", str(state))
    embedded = {
        "EventHub": Part(
            name="event hubs",
            command=python_module(
                "local.eventhubs", "--port", ports.event_hubs, "--data", state / "hubs", *hub_arguments
            ),
            listener=Listener(port=ports.event_hubs, purpose="Event Hubs over AMQP"),
            ready=accepts_tcp(ports.event_hubs),
        ),
        "MONGO_URL": Part(
            name="mongodb",
            command=python_module("local.mongo", "--port", ports.mongo, "--data", state / "mongo"),
            listener=Listener(port=ports.mongo, purpose="the MongoDB protocol"),
            ready=accepts_tcp(ports.mongo),
        ),
        "REDIS_URL": Part(
            name="redis",
            command=(str(redis_program()), *redis),
            listener=Listener(port=ports.redis, purpose="the Redis protocol"),
            ready=accepts_tcp(ports.redis),
        ),
    }
    given = settings.given_urls()
    return [part for variable, part in embedded.items() if variable not in given]


def _migrations(settings: StackSettings) -> Part:
    return Part(
        name="migrations",
        command=python_module("migrations", "upgrade"),
        environment=functions_settings(settings),
    )


def _products(settings: StackSettings, *, client: httpx.AsyncClient) -> list[Part]:
    return [
        *functions_hosts(settings, values=functions_settings(settings), client=client),
        _read_service(settings),
        load_balancer_part(settings, client=client),
        gateway_part(settings, client=client),
    ]


def functions_settings(settings: StackSettings) -> dict[str, str]:
    """What every functions host of this stack is told of the others."""
    data = settings.state_directory / "databases"
    return {
        "WRITE_DATABASE_URL": settings.write_database_url or f"sqlite:///{data / 'cinema.db'}",
        "REPORTING_DATABASE_URL": settings.reporting_database_url or f"sqlite:///{data / 'reporting.db'}",
        "EventHub": settings.event_hubs_in_use,
        "MONGO_URL": settings.mongo_in_use,
        "MONGO_DATABASE": settings.mongo_database,
        "REDIS_URL": settings.redis_in_use,
    }


def _read_service(settings: StackSettings) -> Part:
    port = settings.ports.read_service
    return Part(
        name="read service",
        command=python_module("readsvc"),
        environment={
            "GRPC_PORT": str(port),
            "MONGO_URL": settings.mongo_in_use,
            "MONGO_DATABASE": settings.mongo_database,
            "REDIS_URL": settings.redis_in_use,
        },
        listener=Listener(port=port, purpose="gRPC"),
        ready=accepts_tcp(port),
        after=frozenset({"migrations"}),
    )


def data_directories(settings: StackSettings) -> list[Path]:
    """The folders that must exist before anything starts."""
    kept = ("databases", "hubs", "mongo", "logs", *(("azurite",) if settings.starts_azurite else ()))
    return [settings.state_directory / name for name in kept]
