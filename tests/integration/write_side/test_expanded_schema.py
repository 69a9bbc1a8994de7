"""Migrations run before the release that wants them: this release works on a database that the next one has expanded."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.application.errors import UnavailableError
from shared.application.outbox.backoff import Backoff
from shared.bootstrap.write_side import build_write_side
from shared.infrastructure.sql.outbox_store import SqlOutboxStore
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

EXPANSION = (
    'ALTER TABLE "Reservations" ADD COLUMN "Channel" VARCHAR(16) NULL',
    """ALTER TABLE "SeatClaims" ADD COLUMN "Price" INTEGER DEFAULT 0 NOT NULL""",
    'ALTER TABLE "OutboxMessages" ADD COLUMN "Tenant" VARCHAR(16) NULL',
    'ALTER TABLE "OutboxLanes" ADD COLUMN "Note" VARCHAR(16) NULL',
    'CREATE TABLE "Vouchers" ("VoucherId" VARCHAR(16) PRIMARY KEY)',
    'CREATE INDEX "IX_OutboxMessages_Tenant" ON "OutboxMessages" ("Tenant")',
)
"""What a revision may do while nodes of this release are at work: columns with a default or none, tables, indexes."""


def test_commands_and_the_master_do_not_mind_what_is_new(cinema: Cinema, database: WriteDatabase) -> None:
    showtime_id = cinema.open_showtime()
    for statement in EXPANSION:
        database.execute(statement)
    reservation = cinema.reserve(showtime_id, "A-1")
    cinema.confirm(reservation.state.reservation_id)
    store = SqlOutboxStore(database.engine, lease_seconds=15.0, backoff=Backoff())
    store.prepare(partitions={"reporting": 0, "domain-events": 8, "reservations": 8})
    (lane,) = store.lanes_with_work(sinks=["reservations"])["reservations"]
    claim = store.claim(sink="reservations", lane=lane, owner="one")
    assert claim is not None
    batch = store.read(claim, limit=10)
    assert [message.sequence for message in batch.messages] == [2, 3]
    assert store.settle(claim, delivered=[message.id for message in batch.messages], failed=False)


@pytest.mark.full
def test_while_an_index_is_built_bookings_are_unavailable(
    postgres_database: WriteDatabase, clock: FakeClock
) -> None:
    """What docs/zero-downtime.md warns of: the index keeps every writer of its table waiting."""
    cinema = Cinema(side_on(postgres_database, clock))
    showtime_id = cinema.open_showtime()
    impatient = house_settings(postgres_database.url, lock_wait_seconds=0.5, command_attempts=1)
    customer = Cinema(build_write_side(impatient, clock=clock))
    with postgres_database.engine.begin() as migration:
        migration.execute(text('CREATE INDEX "IX_Large" ON "Reservations" ("CreatedAt")'))
        with pytest.raises(UnavailableError):
            customer.reserve(showtime_id, "A-1")
    assert customer.reserve(showtime_id, "A-1").created


def test_negative_control_a_contraction_stops_the_release_before_it(
    cinema: Cinema, database: WriteDatabase
) -> None:
    showtime_id = cinema.open_showtime()
    database.execute('ALTER TABLE "Reservations" RENAME COLUMN "ExpiresAt" TO "EndsAt"')
    with pytest.raises(DBAPIError):
        cinema.reserve(showtime_id, "A-1")
