"""No command scans a table, however many rows there are: its plans on PostgreSQL, over 10⁵ rows of each kind."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine, event, text

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.dead_letters import Hold
from shared.application.outbox.ports import Poison
from shared.application.outbox.routing import ROUTES
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.infrastructure.sql.dead_letters import SqlDeadLetters
from shared.infrastructure.sql.outbox_retention import SqlOutboxHistory
from shared.infrastructure.sql.outbox_status import SqlOutboxStatus
from shared.infrastructure.sql.outbox_store import SqlOutboxStore
from tests.builders.cinema import Cinema, house_settings
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock
from tests.servers.write_database import WriteDatabase

pytestmark = [pytest.mark.integration, pytest.mark.full]

SMALL_TABLES = {"OutboxSinks", "OutboxLanes", "ShowtimesToClear"}
"""A page or two for ever, the last a list of work that is soon done: to scan them is the quickest way."""

HISTORY = """
INSERT INTO "Movies" SELECT 'tt' || lpad(n::text, 8, '0'), 'Movie', 90, 1 FROM generate_series(1, 100000) n;
INSERT INTO "Auditoriums" SELECT 'hall-' || n, 'Hall', '[{"row": "A", "seats": 10}]', 1 FROM generate_series(1, 100000) n;
INSERT INTO "Showtimes" ("ShowtimeId", "MovieId", "AuditoriumId", "StartsAt", "RuntimeMinutes", "CleaningMinutes", "EndsAt",
        "Status", "Version")
    SELECT gen_random_uuid(), 'tt00000001', 'hall-' || n, '2020-01-01Z'::timestamptz, 90, 15,
        '2020-01-01Z'::timestamptz + interval '105 minutes', 'Scheduled', 1
    FROM generate_series(1, 100000) n;
INSERT INTO "Customers" ("CustomerId", "Bookings") SELECT gen_random_uuid(), 1 FROM generate_series(1, 100000) n;
INSERT INTO "Reservations" ("ReservationId", "ShowtimeId", "CustomerId", "Status", "CreatedAt", "ExpiresAt", "Version")
    SELECT gen_random_uuid(), s."ShowtimeId", c."CustomerId", 'Confirmed', '2020-01-01Z', '2020-01-01Z', 2
    FROM "Showtimes" s JOIN "Customers" c ON c."Id" = s."Id";
INSERT INTO "ReservationSeats" SELECT "ReservationId", 'A', 1 FROM "Reservations";
INSERT INTO "SeatClaims" SELECT "ShowtimeId", 'A', 1, "ReservationId" FROM "Reservations";
INSERT INTO "OutboxStreams" SELECT 'showtime:' || "ShowtimeId", 1 FROM "Showtimes";
INSERT INTO "OutboxMessages" ("EventId", "StreamId", "Sequence", "Lane", "AggregateType", "AggregateId", "Version", "Type",
        "Payload", "OccurredAt")
    SELECT gen_random_uuid(), 'showtime:' || "ShowtimeId", 1, "Id" % 64, 'Showtime', "ShowtimeId"::text, 1, 'old', '{}',
        '2020-01-01Z'
    FROM "Showtimes";
INSERT INTO "Idempotency" ("RequestKey", "Fingerprint", "Answer", "Sequence", "CreatedAt")
    SELECT gen_random_uuid()::text, '', '{}', 1, '2020-01-01Z' FROM generate_series(1, 100000);
INSERT INTO "OutboxDeliveries" SELECT 'reporting', "Lane", "Id" FROM "OutboxMessages";
INSERT INTO "OutboxHolds" ("Sink", "StreamId", "Lane", "MessageId", "State", "Reason", "HeldAt")
    SELECT 'reservations', "StreamId", "Lane", "Id", 'Held', 'refused', '2020-01-01Z' FROM "OutboxMessages";
INSERT INTO "OutboxDeliveries" SELECT "Sink", -"Id", "MessageId" FROM "OutboxHolds";
INSERT INTO "OutboxDiscards" ("Sink", "StreamId", "Sequence", "EventId", "Reason", "DiscardedAt")
    SELECT 'domain-events', "StreamId", "Sequence", "EventId", 'refused', '2020-01-01Z' FROM "OutboxMessages";
"""


@pytest.fixture
def long_lived(postgres_url: str) -> Iterator[WriteDatabase]:
    database = WriteDatabase(postgres_url)
    database.execute(HISTORY)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    yield database
    database.close()


class Plans:
    """The plan of each statement that an engine executes, taken just before on the same connection."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.scans: list[str] = []

    @contextmanager
    def watching(self, engine: Engine) -> Generator[None]:
        event.listen(engine, "before_cursor_execute", self._explain)
        yield
        event.remove(engine, "before_cursor_execute", self._explain)

    def _explain(self, connection: Any, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        self.seen.append(statement)
        one: Any = cast("list[Any]", parameters)[0] if isinstance(parameters, list) else parameters
        with connection.connection.driver_connection.cursor() as cursor:
            answer: Any = cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", one).fetchone()
        self.scans += [f"{table}: {statement}" for table in _scanned(answer[0][0]["Plan"])]


def _scanned(plan: dict[str, Any], *, head_only: bool = False) -> Iterator[str]:
    """Tables that a plan reads from end to end, by themselves or through an index; the head of an index is no scan."""
    node: str = plan["Node Type"]
    by_index = node in {"Index Scan", "Index Only Scan"}
    is_bounded = bool(plan.keys() & {"Index Cond", "Recheck Cond"}) or (head_only and "Filter" not in plan)
    if (node == "Seq Scan" or (by_index and not is_bounded)) and plan["Relation Name"] not in SMALL_TABLES:
        yield plan["Relation Name"]
    goes_on = node == "Limit" or (head_only and node == "LockRows")
    for part in plan.get("Plans", []):
        yield from _scanned(part, head_only=goes_on)


def test_no_command_scans_a_table(long_lived: WriteDatabase) -> None:
    clock, plans = FakeClock(), Plans()
    side = build_write_side(
        house_settings(long_lived.url), store=sql_write_store(long_lived.engine), clock=clock
    )
    cinema = Cinema(side)
    with plans.watching(long_lived.engine):
        showtime_id = cinema.open_showtime()
        cinema.register_movie("Another title")
        ended = cinema.reserve(showtime_id, "A-1", "A-2").state.reservation_id
        clock.advance(timedelta(minutes=10))
        sold = cinema.reserve(showtime_id, "A-1", "A-2").state.reservation_id
        cinema.confirm(sold)
        cinema.cancel(sold)
        cinema.cancel(ended)
        cinema.reserve(showtime_id, "A-3")
        clock.advance(timedelta(minutes=10))
        cinema.side.expire_holds()
        cinema.reserve(showtime_id, "A-4")
        cinema.reschedule_showtime(showtime_id, starts_at=NOON + timedelta(days=1))
        cinema.cancel_showtime(showtime_id)
        cinema.side.clear_cancelled_showtimes()
        cinema.register_auditorium(A=5, B=10)
        cinema.side.forget_answers()
    assert len(plans.seen) > 40
    assert plans.scans == []


def test_the_master_scans_nothing(long_lived: WriteDatabase) -> None:
    store = SqlOutboxStore(long_lived.engine, lease_seconds=15.0, backoff=Backoff())
    store.prepare(partitions={"reporting": 0, "reservations": 0})
    plans = Plans()
    with plans.watching(long_lived.engine):
        lane = store.lanes_with_work(sinks=["reporting"])["reporting"][0]
        claim = store.claim(sink="reporting", lane=lane, owner="one")
        assert claim is not None
        ids = [message.id for message in store.read(claim, limit=500).messages]
        assert store.settle(claim, delivered=ids, failed=False)
    assert len(plans.seen) >= 6
    assert plans.scans == []


def test_holding_a_stream_and_letting_it_go_scans_nothing(long_lived: WriteDatabase) -> None:
    """Beside a hundred thousand streams that are held for another sink, and a thousand of the same lane for this one."""
    store = SqlOutboxStore(long_lived.engine, lease_seconds=15.0, backoff=Backoff())
    dead_letters = SqlDeadLetters(long_lived.engine)
    store.prepare(partitions={"reporting": 0, "reservations": 0})
    plans = Plans()
    with plans.watching(long_lived.engine):
        for _ in range(2):
            claim = store.claim(sink="reservations", lane=1, owner="one")
            assert claim is None or claim.siding is None
            if claim is not None:
                assert store.settle(claim, delivered=[], failed=False)
        claim = store.claim(sink="reporting", lane=1, owner="one")
        assert claim is not None
        first = store.read(claim, limit=500).messages[0]
        poison = Poison(message_id=first.id, reason="refused")
        assert store.settle(claim, delivered=[], failed=False, poison=poison)
        (hold,) = dead_letters.list(sink="reporting", limit=10)
        dead_letters.redrive(hold.id)
        for _ in range(2):
            claim = store.claim(sink="reporting", lane=1, owner="one")
            assert claim is not None
            ids = [message.id for message in store.read(claim, limit=500).messages]
            assert store.settle(claim, delivered=ids, failed=False)
        (held,) = dead_letters.list(sink="reservations", after=50_000, limit=1)
        dead_letters.discard(held.id)
        assert store.lanes_with_work(sinks=["reservations"]) == {"reservations": [held_lane(held)]}
    assert plans.scans == []


def test_looking_at_the_outbox_scans_nothing(long_lived: WriteDatabase) -> None:
    """Of a hundred thousand messages that wait in lanes, and as many in sidings, a bounded range is counted."""
    SqlOutboxStore(long_lived.engine, lease_seconds=15.0, backoff=Backoff()).prepare(
        partitions={"domain-events": 0, "reporting": 0, "reservations": 0}
    )
    plans = Plans()
    with plans.watching(long_lived.engine):
        status = SqlOutboxStatus(long_lived.engine).read()
        short = SqlOutboxStatus(long_lived.engine, counted_to=10).read()
    assert [sink.pending.count for sink in status.sinks] == [0, 100_000, 0]
    assert [sink.holds.count for sink in status.sinks] == [0, 0, 100_000]
    assert [sink.held.count for sink in short.sinks] == [0, 0, 10]
    assert plans.scans == []


def held_lane(hold: Hold) -> int:
    return hold.id % 64


HELD = """
DELETE FROM "OutboxHolds" WHERE "MessageId" % 2 = 1;
DELETE FROM "OutboxDeliveries" WHERE "MessageId" % 2 = 1 AND "Lane" < 0;
DELETE FROM "OutboxDeliveries" WHERE "MessageId" % 2 = 0 OR "MessageId" > 99000;
"""


def test_retention_scans_nothing(long_lived: WriteDatabase) -> None:
    long_lived.execute(HELD)
    history = SqlOutboxHistory(long_lived.engine, sinks=tuple(ROUTES))
    plans = Plans()
    with plans.watching(long_lived.engine):
        until = history.now() - timedelta(hours=72)
        steps = [history.forget(after=after, until=until, most=1_000) for after in (0, 50_000, 99_000)]
    assert [(step.kept, step.forgotten) for step in steps] == [(1_000, 0), (1_000, 0), (500, 500)]
    assert len(plans.seen) >= 10
    assert plans.scans == []


def test_a_scan_would_be_noticed(long_lived: WriteDatabase) -> None:
    plans = Plans()
    with plans.watching(long_lived.engine), long_lived.engine.connect() as connection:
        connection.execute(text("""SELECT 1 FROM "Reservations" WHERE "Version" = 7"""))
    assert len(plans.scans) == 1
