"""Servers of hubs with one face: what each kind of hub sink is tested against, and how it is made to fail."""

import signal
from pathlib import Path
from typing import Protocol

from shared.application.outbox.ports import Sink
from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.namespace import named_by
from shared.infrastructure.eventhub.producer_client import connect_with as connect_by_amqp
from shared.infrastructure.kafka.batch_producer import connect_with as connect_by_kafka
from shared.infrastructure.kafka.kafka_sink import KafkaSink
from shared.infrastructure.kafka.security import no_sign_in
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import LoggedEvent, read_hub
from tests.servers.kafka_cluster import KafkaCluster
from tests.servers.kafka_log import read_topic

HUB = "cinema.domain.events"
PARTITIONS = 8


class ClosableSink(Sink, Protocol):
    """A sink with connections."""

    async def aclose(self) -> None: ...


class HubServer(Protocol):
    """A server of one hub, and an oracle that reads its log."""

    def sink(self, *, hub: str, partitions: int, send_seconds: float) -> ClosableSink: ...
    def logged(self) -> list[LoggedEvent]: ...
    def stop(self) -> None: ...
    def start(self) -> None: ...
    def fall_silent(self) -> None: ...
    def speak_again(self) -> None: ...


class EmulatorServer:
    """The Event Hubs emulator, for the sink that speaks AMQP."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._emulator = self._started()

    def sink(self, *, hub: str, partitions: int, send_seconds: float) -> HubSink:
        connect = connect_by_amqp(named_by(self._emulator.connection_string), hub=hub)
        return HubSink("domain-events", connect=connect, partitions=partitions, send_seconds=send_seconds)

    def logged(self) -> list[LoggedEvent]:
        return read_hub(self._data / HUB)

    def stop(self) -> None:
        self._emulator.kill()

    def start(self) -> None:
        self._emulator = self._started(port=self._emulator.port)

    def fall_silent(self) -> None:
        self._emulator.process.send_signal(signal.SIGSTOP)

    def speak_again(self) -> None:
        self._emulator.process.send_signal(signal.SIGCONT)

    def _started(self, *, port: int | None = None) -> Emulator:
        return Emulator.start(self._data, port=port, hubs=(f"{HUB}={PARTITIONS}",))


class KafkaServer:
    """A Kafka cluster, for the sink that speaks Kafka."""

    def __init__(self, cluster: KafkaCluster) -> None:
        self._cluster = cluster
        cluster.create_topic(HUB, partitions=PARTITIONS)

    def sink(self, *, hub: str, partitions: int, send_seconds: float) -> KafkaSink:
        return KafkaSink(
            "domain-events",
            topic=hub,
            connect=connect_by_kafka(self._cluster.servers, security=no_sign_in()),
            partitions=partitions,
            send_seconds=send_seconds,
            sends_at_once=4,
        )

    def logged(self) -> list[LoggedEvent]:
        return read_topic(self._cluster.servers, HUB)

    def stop(self) -> None:
        self._cluster.stop()

    def start(self) -> None:
        self._cluster.start()

    def fall_silent(self) -> None:
        self._cluster.pause()

    def speak_again(self) -> None:
        self._cluster.resume()
