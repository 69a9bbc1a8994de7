"""What is told of the outbox, on every database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.application.outbox.errors import OutboxNotMigratedError
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.messages import NewMessage
from shared.application.outbox.ports import Claim
from shared.application.outbox.status import SinkStatus, Tally
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.outbox_status import SqlOutboxStatus
from tests.builders.outbox_messages import a_message, a_reservation_message, streams_of_one_lane
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.contract

LANE = lane_of("showtime:0")
SICK, SOUND = streams_of_one_lane(2)


def status_of(database: OutboxDatabase, sink: str = "reporting", **settings: int) -> SinkStatus:
    status = SqlOutboxStatus(database.engine, **settings).read()
    (found,) = (one for one in status.sinks if one.sink == sink)
    return found


def occurring(message: NewMessage, *, at: datetime) -> NewMessage:
    return replace(message, occurred_at=at)


def claimed(database: OutboxDatabase, *, owner: str = "one") -> Claim:
    claim = database.claim(sink="reporting", lane=LANE, owner=owner)
    assert claim is not None
    return claim


def test_an_empty_outbox_is_told_sink_by_sink(database: OutboxDatabase) -> None:
    status = SqlOutboxStatus(database.engine).read()
    assert [one.sink for one in status.sinks] == ["domain-events", "reporting", "reservations"]
    for one in status.sinks:
        assert (one.pending, one.held, one.holds) == (Tally(count=0), Tally(count=0), Tally(count=0))
        assert (one.oldest, one.delivered, one.lanes_with_work) == (None, 0, 0)
        assert (one.lanes, one.work_in, one.held_in) == (64, [], [])
        assert (one.leases, one.backoffs) == ([], [])


def test_the_moment_is_the_databases_own(database: OutboxDatabase) -> None:
    now = datetime.now(UTC)
    assert abs(SqlOutboxStatus(database.engine).read().at - now) < timedelta(minutes=1)


def test_what_waits_is_counted_for_each_sink_that_it_concerns(database: OutboxDatabase) -> None:
    database.commit(a_message(), a_reservation_message(), a_reservation_message())
    assert status_of(database, "reporting").pending == Tally(count=3)
    assert status_of(database, "domain-events").pending == Tally(count=3)
    assert status_of(database, "reservations").pending == Tally(count=2)
    assert status_of(database, "reporting").lanes_with_work == 2
    assert status_of(database, "reservations").work_in == [LANE]


@pytest.mark.parametrize(("counted_to", "exact"), [(4, True), (3, True), (2, False)])
def test_counting_ends_at_a_limit_and_says_so(
    database: OutboxDatabase,
    counted_to: int,
    exact: bool,  # noqa: FBT001 a parameter of the test
) -> None:
    database.commit(*(a_reservation_message() for _ in range(3)))
    told = status_of(database, counted_to=counted_to).pending
    assert told == Tally(count=min(3, counted_to), exact=exact)


def test_the_oldest_is_the_first_of_all_lanes_with_its_age(database: OutboxDatabase) -> None:
    oldest = a_reservation_message(SICK)
    (first, *_) = database.commit(oldest, a_message(), a_reservation_message(SOUND))
    told = status_of(database).oldest
    assert told is not None
    assert (told.message_id, told.event_id, told.stream_id) == (first, oldest.event_id, SICK)
    age = datetime.now(UTC) - oldest.occurred_at
    assert told.age_seconds == pytest.approx(max(age.total_seconds(), 0), abs=60)


def test_a_message_from_a_clock_that_is_ahead_has_no_age(database: OutboxDatabase) -> None:
    database.commit(occurring(a_message(), at=datetime.now(UTC) + timedelta(hours=1)))
    told = status_of(database).oldest
    assert told is not None
    assert told.age_seconds == 0


def test_the_age_is_that_of_the_oldest_in_seconds(database: OutboxDatabase) -> None:
    database.commit(occurring(a_message(), at=datetime.now(UTC) - timedelta(hours=2)))
    told = status_of(database).oldest
    assert told is not None
    assert told.age_seconds == pytest.approx(7200, abs=60)


def test_what_was_delivered_is_counted_and_no_longer_pending(database: OutboxDatabase) -> None:
    ids = database.commit(a_reservation_message(), a_reservation_message())
    database.settle(claimed(database), delivered=ids[:1], failed=False)
    told = status_of(database)
    assert (told.delivered, told.pending) == (1, Tally(count=1))
    assert status_of(database, "domain-events").delivered == 0


def test_a_lease_is_told_with_its_owner_and_epoch(database: OutboxDatabase) -> None:
    database.commit(a_reservation_message())
    claim = claimed(database, owner="host:1:abc")
    (lease,) = status_of(database).leases
    assert (lease.lane, lease.owner, lease.epoch) == (LANE, "host:1:abc", claim.epoch)
    assert timedelta(0) < lease.ends_at - datetime.now(UTC) < timedelta(seconds=60)
    assert status_of(database, "domain-events").leases == []


def test_a_lease_that_has_ended_is_none(database: OutboxDatabase) -> None:
    database.commit(a_reservation_message())
    claimed(database)
    database.advance(15.1)
    assert status_of(database).leases == []


def test_a_lane_that_backs_off_is_told_with_its_failures(database: OutboxDatabase) -> None:
    database.commit(a_reservation_message())
    database.settle(claimed(database), delivered=[], failed=True)
    told = status_of(database)
    (backoff,) = told.backoffs
    assert (backoff.lane, backoff.failures) == (LANE, 1)
    assert told.leases == []
    database.advance(60)
    assert status_of(database).backoffs == []


def test_held_messages_are_counted_apart(database: OutboxDatabase) -> None:
    database.commit(*(a_reservation_message(SICK) for _ in range(3)))
    hold_id = database.hold_first("reporting")
    waiting = claimed(database)
    database.settle(waiting, delivered=[], failed=False, held=database.read(waiting, limit=10).held)
    database.commit(a_reservation_message(SOUND))
    told = status_of(database)
    assert (told.pending, told.held, told.holds) == (Tally(count=1), Tally(count=3), Tally(count=1))
    assert status_of(database, counted_to=2).held == Tally(count=2, exact=False)
    assert status_of(database, "domain-events").holds == Tally(count=0)
    assert database.dead_letters.get(hold_id).waiting == 3


def test_a_held_stream_is_told_by_its_lane(database: OutboxDatabase) -> None:
    database.commit(a_reservation_message(SICK))
    database.hold_first("reporting")
    assert (status_of(database).work_in, status_of(database).held_in) == ([], [LANE])
    assert status_of(database, "domain-events").held_in == []


def test_a_resumed_hold_gives_its_lane_work(database: OutboxDatabase) -> None:
    database.commit(a_reservation_message(SICK))
    hold_id = database.hold_first("reporting")
    database.redrive(hold_id)
    assert (status_of(database).work_in, status_of(database).held_in) == ([LANE], [])


def test_a_rate_is_the_difference_of_two_looks(database: OutboxDatabase) -> None:
    ids = database.commit(a_reservation_message(), a_reservation_message())
    reader = SqlOutboxStatus(database.engine)
    before = reader.read()
    database.settle(claimed(database), delivered=ids, failed=False)
    after = reader.read()
    rates = after.rates_since(before)
    seconds = (after.at - before.at).total_seconds()
    assert rates["reporting"] == pytest.approx(2 / seconds)
    assert rates["reservations"] == 0
    assert before.rates_since(before) == {}


def test_looking_waits_for_no_writer(database: OutboxDatabase) -> None:
    ids = database.commit(a_reservation_message())
    claim = claimed(database)
    with database.engine.begin() as writer:
        writer.exec_driver_sql("""UPDATE "OutboxLanes" SET "Failures" = 7""")
        assert status_of(database).pending == Tally(count=1)
    assert database.settle(claim, delivered=ids, failed=False)


def test_a_database_without_an_outbox_wants_to_be_migrated(tmp_path: Path) -> None:
    engine = create_database_engine(f"sqlite:///{tmp_path / 'empty.db'}", lock_wait_seconds=1.0, pool_size=1)
    with pytest.raises(OutboxNotMigratedError, match="run the migrations"):
        SqlOutboxStatus(engine).read()
    engine.dispose()


@pytest.mark.full
def test_a_postgresql_database_without_an_outbox_wants_to_be_migrated(postgres_url: str) -> None:
    engine = create_database_engine(postgres_url, lock_wait_seconds=1.0, pool_size=1)
    with pytest.raises(OutboxNotMigratedError, match="run the migrations"):
        SqlOutboxStatus(engine).read()
    engine.dispose()
