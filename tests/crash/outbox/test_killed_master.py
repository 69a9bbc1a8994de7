"""The master is killed with -9 around a delivery: nothing is lost, and first occurrences stay in order."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from migrations.upgrade import upgrade
from shared.application.outbox.routing import ROUTES
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.master import open_master
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_tables import event_log, showtime_facts
from shared.settings import MasterSettings
from tests.builders.outbox_messages import BoxOffice
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import LoggedEvent, first_occurrences, read_hub, sequences_by_stream
from tests.servers.outbox_database import OutboxDatabase
from tests.unit.projections.projection import Projection

pytestmark = [pytest.mark.crash, pytest.mark.timeout(180)]

DOMAIN_EVENTS, RESERVATIONS = "cinema.domain.events", "cinema.reservations"
HUB_OF = {"domain-events": DOMAIN_EVENTS, "reservations": RESERVATIONS}
ROOT = Path(__file__).parents[3]
SHOWTIMES, BOOKINGS = 8, 6
EVENTS = 1 + 2 * BOOKINGS
LEASE_SECONDS = 6.0
"""As short as a send, cut after a third of it, leaves time to connect."""


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator.start(tmp_path / "hubs", hubs=(f"{DOMAIN_EVENTS}=8", f"{RESERVATIONS}=8")) as running:
        yield running


@pytest.fixture
def environment(emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    write, reporting = (f"sqlite:///{tmp_path / name}" for name in ("cinema.db", "reporting.db"))
    upgrade(write_url=write, reporting_url=reporting)
    return {
        "WRITE_DATABASE_URL": write,
        "REPORTING_DATABASE_URL": reporting,
        "EventHub": emulator.connection_string,
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "MASTER_BATCH_SIZE": "5",
    }


@pytest.fixture
def settings(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> MasterSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return MasterSettings()  # pyright: ignore[reportCallIssue] # from the environment


@pytest.fixture
def database(settings: MasterSettings) -> Iterator[OutboxDatabase]:
    opened = OutboxDatabase(settings.write_database_url)
    yield opened
    opened.close()


def fill(database: OutboxDatabase) -> list[BoxOffice]:
    offices = [BoxOffice() for _ in range(SHOWTIMES)]
    for office in offices:
        database.commit(office.opened())
        for _ in range(BOOKINGS):
            booking = office.book(seats=1)
            database.commit(booking.created, booking.confirmed)
    return offices


def run_until_it_kills_itself(sink: str, *, moment: str, number: int, environment: dict[str, str]) -> None:
    program = [sys.executable, "-m", "tests.crash.outbox.suicidal_master", sink, moment, str(number)]
    died = subprocess.run(program, cwd=ROOT, env={**os.environ, **environment}, check=False, timeout=90)
    assert died.returncode == -signal.SIGKILL, "the fault did not happen"


async def drain(settings: MasterSettings, database: OutboxDatabase) -> None:
    async with open_master(settings) as master:
        run = asyncio.create_task(master.run(budget_seconds=90.0))
        async with asyncio.timeout(90):
            while any([await asyncio.to_thread(database.pending, sink) for sink in ROUTES]):
                await asyncio.sleep(0.05)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


def views(events: list[LoggedEvent]) -> object:
    """The views that a projector makes of a hub's log, as it lies there."""
    received = [
        ReceivedEvent(body=event.body, partition=str(event.partition), position=position, published=None)
        for position, event in enumerate(events)
    ]
    return Projection().project(received).documents()


@pytest.mark.parametrize("sink", ["domain-events", "reservations"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_hub_gets_every_event_in_order_though_the_master_dies(
    settings: MasterSettings,
    database: OutboxDatabase,
    emulator: Emulator,
    environment: dict[str, str],
    sink: str,
    moment: str,
) -> None:
    offices = fill(database)
    run_until_it_kills_itself(sink, moment=moment, number=3, environment=environment)
    assert database.pending(sink)
    await drain(settings, database)
    logged = read_hub(emulator.data / HUB_OF[sink])
    found = sequences_by_stream(logged)
    first = 1 if sink == "domain-events" else 2
    expected = {office.stream_id: list(range(first, EVENTS + 1)) for office in offices}
    assert {stream: first_occurrences(sequences) for stream, sequences in found.items()} == expected
    repeated = sum(len(sequences) for sequences in found.values()) - sum(map(len, expected.values()))
    assert (repeated > 0) == (moment == "after"), "a delivery that was not acknowledged is repeated"


async def test_repeats_double_nothing_in_the_views(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator, environment: dict[str, str]
) -> None:
    fill(database)
    run_until_it_kills_itself("domain-events", moment="after", number=3, environment=environment)
    await drain(settings, database)
    logged = read_hub(emulator.data / DOMAIN_EVENTS)
    once = list({(event.stream_id, event.sequence): event for event in logged}.values())
    assert len(once) < len(logged)
    assert views(logged) == views(once)


async def test_reporting_counts_every_event_once_though_the_master_dies(
    settings: MasterSettings, database: OutboxDatabase, environment: dict[str, str]
) -> None:
    offices = fill(database)
    run_until_it_kills_itself("reporting", moment="after", number=3, environment=environment)
    assert database.pending("reporting")
    await drain(settings, database)
    engine = create_database_engine(settings.reporting_database_url, lock_wait_seconds=5.0, pool_size=1)
    with engine.connect() as connection:
        archived = connection.scalar(select(func.count()).select_from(event_log))
        sold = connection.scalars(select(showtime_facts.c.SeatsSold)).all()
    engine.dispose()
    assert archived == len(offices) * EVENTS
    assert list(sold) == [BOOKINGS] * len(offices)
