"""The sinks of the hubs, wired for the protocol that the settings name: AMQP to Event Hubs, or Kafka."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from shared.application.outbox.master import SinkPlan
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS
from shared.infrastructure.entra_identity import default_credential
from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.producer_client import connect_with as connect_by_amqp
from shared.infrastructure.kafka.batch_producer import connect_with as connect_by_kafka
from shared.infrastructure.kafka.kafka_sink import KafkaSink
from shared.infrastructure.kafka.security import (
    Properties,
    event_hubs_identity,
    event_hubs_key,
    no_sign_in,
)
from shared.settings import MasterSettings, SettingsError


def hub_sinks(stack: AsyncExitStack, settings: MasterSettings) -> Mapping[str, SinkPlan]:
    """The hubs' sinks by name; the stack closes them.

    Raises:
        SettingsError: a variable that the chosen protocol needs is missing.
    """
    build = {"amqp": _amqp_sink, "kafka": _kafka_sink}[settings.hub_protocol]
    sinks: dict[str, SinkPlan] = {}
    for name, hub in ((DOMAIN_EVENTS, settings.domain_events_hub), (RESERVATIONS, settings.reservations_hub)):
        sink = build(name, hub=hub, settings=settings)
        stack.push_async_callback(sink.aclose)
        sinks[name] = SinkPlan(sink=sink, partitions=settings.hub_partitions)
    return sinks


def _amqp_sink(name: str, *, hub: str, settings: MasterSettings) -> HubSink:
    return HubSink(
        name,
        connect=connect_by_amqp(_connection_string(settings), hub=hub),
        partitions=settings.hub_partitions,
        send_seconds=settings.send_seconds,
    )


def _kafka_sink(name: str, *, hub: str, settings: MasterSettings) -> KafkaSink:
    servers = settings.kafka_bootstrap_servers
    if servers is None:
        raise SettingsError(
            "KAFKA_BOOTSTRAP_SERVERS: Field required (host:port, …) since HUB_PROTOCOL is kafka"
        )
    return KafkaSink(
        name,
        topic=hub,
        connect=connect_by_kafka(servers, security=_security(servers, settings)),
        partitions=settings.hub_partitions,
        send_seconds=settings.send_seconds,
        sends_at_once=settings.master_workers_per_sink,
    )


def _security(servers: str, settings: MasterSettings) -> Properties:
    match settings.kafka_security:
        case "none":
            return no_sign_in()
        case "connection-string":
            return event_hubs_key(_connection_string(settings))
        case "entra":
            return event_hubs_identity(servers, credential=default_credential())


def _connection_string(settings: MasterSettings) -> str:
    if settings.event_hub is None:
        raise SettingsError("EventHub: Field required (the connection string of the Event Hubs namespace)")
    return settings.event_hub
