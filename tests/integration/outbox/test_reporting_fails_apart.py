"""The reporting database does not take anything: the hubs go on, and it catches up without a repeat in theirs."""

import asyncio
import sqlite3
from collections.abc import Callable

import pytest

from migrations.upgrade import upgrade_branch
from shared.application.outbox.routing import REPORTING, ROUTES
from shared.settings import MasterSettings
from tests.builders.outbox_messages import BoxOffice
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import read_hub, sequences_by_stream
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.postgres import PostgresServer
from tests.servers.running_master import running_master, until

pytestmark = pytest.mark.integration

FIRST_SEQUENCES = {"cinema.domain.events": 1, "cinema.reservations": 2}
BOOKINGS = 10


async def hubs_go_on_and_reporting_catches_up(
    settings: MasterSettings,
    database: OutboxDatabase,
    emulator: Emulator,
    *,
    fail: Callable[[], None],
    heal: Callable[[], None],
) -> None:
    hubs = [name for name in ROUTES if name != REPORTING]
    office = BoxOffice()
    database.commit(office.opened())
    async with running_master(settings, budget_seconds=90.0) as master:
        await until(lambda: not any(map(database.pending, ROUTES)), seconds=60.0)
        fail()
        for _ in range(BOOKINGS):
            booking = office.book(seats=1)
            database.commit(booking.created, booking.confirmed)
        await until(lambda: not master.sinks_reachable()[REPORTING], seconds=60.0)
        await until(lambda: not any(map(database.pending, hubs)), seconds=60.0)
        assert database.pending(REPORTING)
        await asyncio.to_thread(heal)
        await until(lambda: not database.pending(REPORTING), seconds=60.0)
    for hub, first in FIRST_SEQUENCES.items():
        (found,) = sequences_by_stream(read_hub(emulator.data / hub)).values()
        assert found == list(range(first, 2 + 2 * BOOKINGS))


async def test_a_locked_reporting_database_keeps_no_hub_waiting_and_repeats_for_none(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator
) -> None:
    path = settings.reporting_database_url.removeprefix("sqlite:///")
    other_writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    await hubs_go_on_and_reporting_catches_up(
        settings.model_copy(update={"lock_wait_seconds": 0.2}),
        database,
        emulator,
        fail=lambda: other_writer.execute("BEGIN IMMEDIATE").close(),
        heal=lambda: other_writer.execute("ROLLBACK").close(),
    )
    other_writer.close()


@pytest.mark.full
async def test_a_killed_reporting_server_keeps_no_hub_waiting_and_repeats_for_none(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator
) -> None:
    server = PostgresServer.start()
    url = server.create_database("reporting")
    upgrade_branch("reporting", url=url)
    try:
        await hubs_go_on_and_reporting_catches_up(
            settings.model_copy(update={"reporting_database_url": url}),
            database,
            emulator,
            fail=server.kill,
            heal=server.start_again,
        )
    finally:
        server.close()
