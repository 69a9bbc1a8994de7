"""The wired master over real databases and the emulator; an oracle reads the hubs' logs by itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.application.outbox.errors import OutboxNotMigratedError, PartitionMismatchError
from shared.application.outbox.routing import ROUTES
from shared.bootstrap.master import KeptMaster, open_master
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_tables import event_log, showtime_facts
from shared.settings import MasterSettings, SettingsError
from tests.builders.outbox_messages import BoxOffice, a_message
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import read_hub, sequences_by_stream
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.running_master import running_master, until

pytestmark = pytest.mark.integration

DOMAIN_EVENTS, RESERVATIONS = "cinema.domain.events", "cinema.reservations"
WHOLE_TEST = 60.0


def nothing_is_pending(database: OutboxDatabase, *sinks: str) -> Callable[[], bool]:
    return lambda: not any(database.pending(sink) for sink in sinks or ROUTES)


def fill(database: OutboxDatabase, *, showtimes: int, bookings: int) -> list[BoxOffice]:
    offices = [BoxOffice() for _ in range(showtimes)]
    for office in offices:
        database.commit(office.opened())
        for _ in range(bookings):
            booking = office.book(seats=2)
            database.commit(booking.created, booking.confirmed)
    return offices


async def test_everything_arrives_once_and_in_order(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator
) -> None:
    offices = fill(database, showtimes=6, bookings=10)
    async with running_master(settings):
        await until(nothing_is_pending(database))
    domain_events = sequences_by_stream(read_hub(emulator.data / DOMAIN_EVENTS))
    reservations = sequences_by_stream(read_hub(emulator.data / RESERVATIONS))
    assert domain_events == {office.stream_id: list(range(1, 22)) for office in offices}
    assert reservations == {office.stream_id: list(range(2, 22)) for office in offices}


async def test_reporting_has_the_archive_and_the_figures(
    settings: MasterSettings, database: OutboxDatabase
) -> None:
    offices = fill(database, showtimes=3, bookings=5)
    async with running_master(settings):
        await until(nothing_is_pending(database, "reporting"))
    engine = create_database_engine(settings.reporting_database_url, lock_wait_seconds=5.0, pool_size=1)
    with engine.connect() as connection:
        archived = connection.execute(select(event_log.c.StreamId, event_log.c.Sequence)).all()
        figures = connection.execute(select(showtime_facts)).all()
    engine.dispose()
    assert {tuple(row) for row in archived} == {
        (office.stream_id, sequence) for office in offices for sequence in range(1, 12)
    }
    assert [(row.SeatsHeld, row.SeatsSold, float(row.Occupancy)) for row in figures] == [(0, 10, 0.1)] * 3


async def test_with_the_hubs_down_reporting_goes_on_and_later_they_catch_up(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator
) -> None:
    offices = fill(database, showtimes=4, bookings=3)
    emulator.kill()
    async with running_master(settings):
        await until(nothing_is_pending(database, "reporting"))
        assert database.pending("domain-events")
        with Emulator.start(
            emulator.data, port=emulator.port, hubs=(f"{DOMAIN_EVENTS}=8", f"{RESERVATIONS}=8")
        ):
            await until(nothing_is_pending(database))
    domain_events = sequences_by_stream(read_hub(emulator.data / DOMAIN_EVENTS))
    assert domain_events == {office.stream_id: list(range(1, 8)) for office in offices}


async def test_with_reporting_down_the_hubs_go_on(settings: MasterSettings, database: OutboxDatabase) -> None:
    fill(database, showtimes=4, bookings=3)
    reporting = create_database_engine(settings.reporting_database_url, lock_wait_seconds=5.0, pool_size=1)
    with reporting.begin():
        async with running_master(settings.model_copy(update={"lock_wait_seconds": 0.1})):
            await until(nothing_is_pending(database, "domain-events", "reservations"))
            assert database.pending("reporting")
    reporting.dispose()


async def test_idle_polling_never_takes_the_write_lock(
    settings: MasterSettings, database: OutboxDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    """A writer that holds the lock all the time is not noticed, since there is nothing to claim."""
    impatient = settings.model_copy(update={"lock_wait_seconds": 0.05})
    async with open_master(impatient) as master:
        await master.run(budget_seconds=0.01)
        with database.engine.begin():
            await master.run(budget_seconds=0.5)
    assert "outbox_store_unavailable" not in caplog.text


async def test_a_master_runs_again_over_the_same_connections(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator
) -> None:
    async with open_master(settings) as master:
        for _ in range(3):
            database.commit(a_message())
            run = asyncio.create_task(master.run(budget_seconds=1.5))
            await until(nothing_is_pending(database))
            await run
    assert sequences_by_stream(read_hub(emulator.data / DOMAIN_EVENTS)) == {"movie:tt1375666": [1, 2, 3]}


async def test_another_number_of_partitions_refuses_the_run(
    settings: MasterSettings, database: OutboxDatabase
) -> None:
    database.commit(a_message())
    async with open_master(settings.model_copy(update={"hub_partitions": 4})) as master:
        with pytest.raises(ExceptionGroup) as refusal:
            await master.run(budget_seconds=WHOLE_TEST)
    assert refusal.group_contains(PartitionMismatchError)


async def test_the_timers_master_reads_its_settings_and_closes_what_it_opened_when_it_fails(
    settings: MasterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRITE_DATABASE_URL", settings.write_database_url)
    monkeypatch.setenv("REPORTING_DATABASE_URL", settings.reporting_database_url)
    monkeypatch.setenv("MASTER_BUDGET_SECONDS", "0.2")
    master = KeptMaster()
    monkeypatch.delenv("EventHub", raising=False)
    with pytest.raises(SettingsError, match="EventHub"):
        await master.run()
    monkeypatch.setenv("EventHub", settings.event_hub or "")
    assert set(await master.run()) == set(ROUTES)
    assert set(await master.run()) == set(ROUTES)
    await master.aclose()


async def test_a_database_that_was_not_migrated_is_said_to_be_so(
    settings: MasterSettings, tmp_path: Path
) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    async with open_master(settings.model_copy(update={"write_database_url": empty})) as master:
        with pytest.raises(OutboxNotMigratedError, match="run the migrations: no such table"):
            await master.run(budget_seconds=WHOLE_TEST)
