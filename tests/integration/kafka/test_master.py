"""The wired master, with Kafka chosen by the settings."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from migrations.upgrade import upgrade
from shared.application.outbox.routing import ROUTES
from shared.settings import MasterSettings
from tests.builders.outbox_messages import BoxOffice
from tests.servers.hub_log import first_occurrences, sequences_by_stream
from tests.servers.kafka_broker import KafkaBroker
from tests.servers.kafka_cluster import KafkaCluster
from tests.servers.kafka_log import read_topic
from tests.servers.kafka_mock import MockCluster
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.running_master import running_master, until

pytestmark = pytest.mark.integration

DOMAIN_EVENTS, RESERVATIONS = "cinema.domain.events", "cinema.reservations"


@pytest.fixture
def mock_cluster() -> Iterator[KafkaCluster]:
    with MockCluster() as running:
        yield running


@pytest.fixture
def real_cluster(tmp_path: Path) -> Iterator[KafkaCluster]:
    with KafkaBroker(tmp_path) as running:
        yield running


@pytest.fixture(params=["mock", pytest.param("real", marks=pytest.mark.full)])
def cluster(request: pytest.FixtureRequest) -> KafkaCluster:
    chosen: KafkaCluster = request.getfixturevalue(f"{request.param}_cluster")
    for topic in (DOMAIN_EVENTS, RESERVATIONS):
        chosen.create_topic(topic, partitions=8)
    return chosen


@pytest.fixture
def settings(cluster: KafkaCluster, tmp_path: Path) -> MasterSettings:
    write, reporting = (f"sqlite:///{tmp_path / name}" for name in ("cinema.db", "reporting.db"))
    upgrade(write_url=write, reporting_url=reporting)
    return MasterSettings(
        write_database_url=write,
        reporting_database_url=reporting,
        hub_protocol="kafka",
        kafka_bootstrap_servers=cluster.servers,
        lease_seconds=6.0,
    )


@pytest.fixture
def database(settings: MasterSettings) -> Iterator[OutboxDatabase]:
    opened = OutboxDatabase(settings.write_database_url)
    yield opened
    opened.close()


def fill(database: OutboxDatabase, office: BoxOffice, *, bookings: int) -> None:
    for _ in range(bookings):
        booking = office.book(seats=2)
        database.commit(booking.created, booking.confirmed)


async def test_everything_arrives_once_and_in_order(
    settings: MasterSettings, database: OutboxDatabase, cluster: KafkaCluster
) -> None:
    offices = [BoxOffice() for _ in range(6)]
    for office in offices:
        database.commit(office.opened())
        fill(database, office, bookings=10)
    async with running_master(settings):
        await until(lambda: not any(database.pending(sink) for sink in ROUTES), seconds=40.0)
    domain_events = sequences_by_stream(read_topic(cluster.servers, DOMAIN_EVENTS))
    reservations = sequences_by_stream(read_topic(cluster.servers, RESERVATIONS))
    assert domain_events == {office.stream_id: list(range(1, 22)) for office in offices}
    assert reservations == {office.stream_id: list(range(2, 22)) for office in offices}


async def test_through_outages_reporting_goes_on_and_the_topics_catch_up_in_order(
    settings: MasterSettings, database: OutboxDatabase, cluster: KafkaCluster
) -> None:
    offices = [BoxOffice() for _ in range(4)]
    async with running_master(settings):
        for _ in range(2):
            for office in offices:
                fill(database, office, bookings=5)
            await asyncio.to_thread(cluster.stop)  # amid delivery, or before it
            for office in offices:
                fill(database, office, bookings=5)
            await until(lambda: not database.pending("reporting"), seconds=40.0)
            assert database.pending("domain-events")
            await asyncio.to_thread(cluster.start)
            await until(lambda: not any(database.pending(sink) for sink in ROUTES), seconds=40.0)
    for topic in (DOMAIN_EVENTS, RESERVATIONS):
        sequences = sequences_by_stream(read_topic(cluster.servers, topic))
        firsts = {stream: first_occurrences(found) for stream, found in sequences.items()}
        assert firsts == {office.stream_id: list(range(1, 41)) for office in offices}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"hub_protocol": "kafka"}, "KAFKA_BOOTSTRAP_SERVERS"),
        (
            {
                "hub_protocol": "kafka",
                "kafka_bootstrap_servers": "cinema.servicebus.windows.net:9093",
                "kafka_security": "connection-string",
            },
            "EventHub",
        ),
    ],
)
def test_a_variable_that_is_missing_for_kafka_is_named(
    given: dict[str, str], missing: str, tmp_path: Path
) -> None:
    databases = {
        name: f"sqlite:///{tmp_path / name}" for name in ("write_database_url", "reporting_database_url")
    }
    with pytest.raises(ValidationError, match=missing):
        MasterSettings.model_validate({**databases, **given})
