"""The wired master, with Kafka chosen by the settings."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from migrations.upgrade import upgrade
from shared.application.outbox.routing import ROUTES
from shared.bootstrap.master import open_master
from shared.settings import MasterSettings, SettingsError
from tests.builders.outbox_messages import BoxOffice
from tests.servers.hub_log import first_occurrences, sequences_by_stream
from tests.servers.kafka_log import read_topic
from tests.servers.kafka_mock import MockCluster
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.integration

DOMAIN_EVENTS, RESERVATIONS = "cinema.domain.events", "cinema.reservations"


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with MockCluster() as running:
        for topic in (DOMAIN_EVENTS, RESERVATIONS):
            running.create_topic(topic, partitions=8)
        yield running


@pytest.fixture
def settings(cluster: MockCluster, tmp_path: Path) -> MasterSettings:
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


@asynccontextmanager
async def running(settings: MasterSettings) -> AsyncGenerator[None]:
    async with open_master(settings) as master:
        run = asyncio.create_task(master.run(budget_seconds=60.0))
        try:
            yield
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.01)


def fill(database: OutboxDatabase, office: BoxOffice, *, bookings: int) -> None:
    for _ in range(bookings):
        booking = office.book(seats=2)
        database.commit(booking.created, booking.confirmed)


async def test_everything_arrives_once_and_in_order(
    settings: MasterSettings, database: OutboxDatabase, cluster: MockCluster
) -> None:
    offices = [BoxOffice() for _ in range(6)]
    for office in offices:
        database.commit(office.opened())
        fill(database, office, bookings=10)
    async with running(settings):
        await until(lambda: not any(database.pending(sink) for sink in ROUTES))
    domain_events = sequences_by_stream(read_topic(cluster.servers, DOMAIN_EVENTS))
    reservations = sequences_by_stream(read_topic(cluster.servers, RESERVATIONS))
    assert domain_events == {office.stream_id: list(range(1, 22)) for office in offices}
    assert reservations == {office.stream_id: list(range(2, 22)) for office in offices}


async def test_through_an_outage_reporting_goes_on_and_later_the_topics_catch_up_in_order(
    settings: MasterSettings, database: OutboxDatabase, cluster: MockCluster
) -> None:
    offices = [BoxOffice() for _ in range(4)]
    async with running(settings):
        for office in offices:
            fill(database, office, bookings=5)
        await until(lambda: bool(read_topic(cluster.servers, DOMAIN_EVENTS)))
        cluster.set_down()
        for office in offices:
            fill(database, office, bookings=5)
        await until(lambda: not database.pending("reporting"))
        assert database.pending("domain-events")
        cluster.set_up()
        await until(lambda: not any(database.pending(sink) for sink in ROUTES))
    for topic in (DOMAIN_EVENTS, RESERVATIONS):
        sequences = sequences_by_stream(read_topic(cluster.servers, topic))
        firsts = {stream: first_occurrences(found) for stream, found in sequences.items()}
        assert firsts == {office.stream_id: list(range(1, 21)) for office in offices}


@pytest.mark.parametrize(
    ("update", "variable"),
    [
        ({"kafka_bootstrap_servers": None}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"kafka_security": "connection-string"}, "EventHub"),
    ],
)
async def test_a_variable_that_is_missing_for_kafka_is_named(
    settings: MasterSettings, update: dict[str, str | None], variable: str
) -> None:
    with pytest.raises(SettingsError, match=variable):
        async with open_master(settings.model_copy(update=update)):
            pass
