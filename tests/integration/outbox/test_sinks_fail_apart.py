"""One hub is down, silent, slow or drops its connections: the other sinks go on, and it catches up alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from shared.application.outbox.ports import Sink
from shared.application.outbox.routing import ROUTES
from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.namespace import named_by
from shared.infrastructure.eventhub.producer_client import connect_with
from shared.settings import MasterSettings
from tests.builders.outbox_messages import BoxOffice
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.fault_proxy import Fault, FaultProxy
from tests.servers.hub_log import first_occurrences, read_hub, sequences_by_stream
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.running_master import running_master, until

pytestmark = pytest.mark.integration

HUBS = {"domain-events": "cinema.domain.events", "reservations": "cinema.reservations"}
SHOWTIMES, BOOKINGS = 6, 4
LEASE_SECONDS = 6.0
SEND_SECONDS = 1.8


@asynccontextmanager
async def a_master_with_a_fault_before(
    name: str, *, settings: MasterSettings, proxy: FaultProxy
) -> AsyncGenerator[None]:
    """One of its hubs is reached through the proxy, all else directly."""
    connection_string = (
        f"Endpoint=sb://localhost:{proxy.port};SharedAccessKeyName=k;SharedAccessKey=s;"
        "UseDevelopmentEmulator=true;"
    )
    behind_proxy = HubSink(
        name,
        connect=connect_with(named_by(connection_string), hub=HUBS[name]),
        partitions=8,
        send_seconds=SEND_SECONDS,
    )

    def decorate(sink_name: str, sink: Sink) -> Sink:
        return behind_proxy if sink_name == name else sink

    try:
        async with running_master(settings, budget_seconds=90.0, decorate=decorate):
            yield
    finally:
        await behind_proxy.aclose()


def sell(database: OutboxDatabase, offices: list[BoxOffice]) -> None:
    for office in offices:
        for _ in range(BOOKINGS):
            booking = office.book(seats=1)
            database.commit(booking.created, booking.confirmed)


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        ("domain-events", Fault.REFUSED),
        ("domain-events", Fault.SILENT),
        ("domain-events", Fault.SLOW),
        ("domain-events", Fault.RESET),
        ("reservations", Fault.SILENT),
    ],
)
async def test_a_hub_at_fault_keeps_nobody_else_waiting_and_repeats_for_nobody_else(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator, faulty: str, fault: Fault
) -> None:
    quick = settings.model_copy(update={"lease_seconds": LEASE_SECONDS})
    offices = [BoxOffice() for _ in range(SHOWTIMES)]
    for office in offices:
        database.commit(office.opened())
    others = [name for name in ROUTES if name != faulty]
    async with (
        FaultProxy.before(emulator.port) as proxy,
        a_master_with_a_fault_before(faulty, settings=quick, proxy=proxy),
    ):
        await until(lambda: not any(map(database.pending, ROUTES)), seconds=60.0)
        await proxy.make(fault)
        sell(database, offices)
        await until(lambda: not any(map(database.pending, others)), seconds=60.0)
        if fault is not Fault.SLOW:
            assert database.pending(faulty), "the fault has kept nothing back"
        sell(database, offices)
        await until(lambda: not any(map(database.pending, others)), seconds=60.0)
        await until(lambda: proxy.struck > 0, seconds=60.0)
        await proxy.make(Fault.NONE)
        await until(lambda: not database.pending(faulty), seconds=60.0)
    check_logs(emulator, offices, faulty=faulty)


def check_logs(emulator: Emulator, offices: list[BoxOffice], *, faulty: str) -> None:
    events = 1 + 2 * 2 * BOOKINGS
    for name, hub in HUBS.items():
        first = 1 if name == "domain-events" else 2
        whole = list(range(first, events + 1))
        found = sequences_by_stream(read_hub(emulator.data / hub))
        assert {stream: first_occurrences(each) for stream, each in found.items()} == {
            office.stream_id: whole for office in offices
        }
        if name != faulty:
            assert all(each == whole for each in found.values()), "a hub without a fault has repeats"


@pytest.mark.parametrize("faulty", HUBS)
async def test_a_busy_hub_is_an_outage_of_its_own_sink_and_repeats_nothing_for_another(
    settings: MasterSettings, database: OutboxDatabase, emulator: Emulator, faulty: str
) -> None:
    offices = [BoxOffice() for _ in range(SHOWTIMES)]
    for office in offices:
        database.commit(office.opened())
    others = [name for name in ROUTES if name != faulty]
    async with running_master(settings, budget_seconds=90.0):
        await until(lambda: not any(map(database.pending, ROUTES)), seconds=60.0)
        emulator.strike(f"busy {HUBS[faulty]}")
        for _ in range(2):
            sell(database, offices)
            await until(lambda: not any(map(database.pending, others)), seconds=60.0)
        assert len(database.pending(faulty)) == SHOWTIMES * 2 * 2 * BOOKINGS, "a busy hub has taken something"
        await until(lambda: database.failures(faulty) > 1, seconds=60.0)
        assert not any(map(database.failures, others))
        emulator.strike()
        await until(lambda: not database.pending(faulty), seconds=60.0)
    assert not database.held_streams(faulty), "a busy hub was taken for a refusal"
    check_logs(emulator, offices, faulty="none, since what is refused is not stored")
