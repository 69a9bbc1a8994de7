"""What only a database can show: interleaved transactions, locks, rows that nobody expected."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session

from shared.application.outbox.errors import UnknownSinkError
from shared.application.outbox.lanes import LANES, lane_of
from shared.application.outbox.ports import Claim
from shared.infrastructure.sql.outbox_queries import lanes_with_work
from shared.infrastructure.sql.outbox_tables import lanes
from tests.builders.outbox_messages import a_reservation_message, streams_of_one_lane
from tests.contract.outbox.conftest import PARTITIONS
from tests.servers.outbox_database import OutboxDatabase, append_opening

pytestmark = pytest.mark.contract

LANE = lane_of("showtime:0")


def claimed(database: OutboxDatabase) -> Claim:
    claim = database.claim(sink="reporting", lane=LANE, owner="one")
    assert claim is not None
    return claim


def test_a_lower_id_between_read_and_acknowledgement_is_not_lost(sqlite_outbox: OutboxDatabase) -> None:
    early, late = streams_of_one_lane(2)
    sqlite_outbox.commit(a_reservation_message(late))
    sqlite_outbox.move_message(1, to=100)
    claim = claimed(sqlite_outbox)
    read = [message.id for message in sqlite_outbox.read(claim, limit=10).messages]
    (newest,) = sqlite_outbox.commit(a_reservation_message(early))
    sqlite_outbox.move_message(newest, to=50)
    sqlite_outbox.settle(claim, delivered=read, failed=False)
    assert read == [100]
    assert sqlite_outbox.pending("reporting") == [50]


def test_negative_control_a_watermark_loses_the_lower_id(sqlite_outbox: OutboxDatabase) -> None:
    early, late = streams_of_one_lane(2)
    sqlite_outbox.commit(a_reservation_message(late))
    sqlite_outbox.move_message(1, to=100)
    read = [message.id for message in sqlite_outbox.read(claimed(sqlite_outbox), limit=10).messages]
    (newest,) = sqlite_outbox.commit(a_reservation_message(early))
    sqlite_outbox.move_message(newest, to=50)
    sqlite_outbox.acknowledge_by_watermark("reporting", up_to=max(read))
    assert sqlite_outbox.pending("reporting") == []


@pytest.mark.full
def test_a_transaction_that_commits_late_with_a_lower_id_is_not_lost(postgres_outbox: OutboxDatabase) -> None:
    early, late = streams_of_one_lane(2)
    with Session(postgres_outbox.engine) as slow, slow.begin():
        (lower,) = append_opening(slow, a_reservation_message(early))
        (higher,) = postgres_outbox.commit(a_reservation_message(late))
        claim = claimed(postgres_outbox)
        read = [message.id for message in postgres_outbox.read(claim, limit=10).messages]
    postgres_outbox.settle(claim, delivered=read, failed=False)
    assert lower < higher
    assert read == [higher]
    assert postgres_outbox.pending("reporting") == [lower]


@pytest.mark.full
def test_negative_control_a_watermark_loses_the_late_commit(postgres_outbox: OutboxDatabase) -> None:
    early, late = streams_of_one_lane(2)
    with Session(postgres_outbox.engine) as slow, slow.begin():
        append_opening(slow, a_reservation_message(early))
        (higher,) = postgres_outbox.commit(a_reservation_message(late))
        read = [message.id for message in postgres_outbox.read(claimed(postgres_outbox), limit=10).messages]
    postgres_outbox.acknowledge_by_watermark("reporting", up_to=max(read))
    assert read == [higher]
    assert postgres_outbox.pending("reporting") == []


@pytest.mark.full
def test_a_claim_does_not_wait_for_another_that_is_under_way(postgres_outbox: OutboxDatabase) -> None:
    with postgres_outbox.engine.begin() as other:
        other.execute(select(lanes).where(lanes.c.Lane == LANE).with_for_update())
        assert postgres_outbox.claim(sink="reporting", lane=LANE, owner="one") is None


def test_reading_and_probing_do_not_wait_for_a_writer(database: OutboxDatabase) -> None:
    database.commit(a_reservation_message())
    claim = claimed(database)
    with Session(database.engine) as writer, writer.begin():
        append_opening(writer, a_reservation_message())
        assert len(database.read(claim, limit=10).messages) == 1
        assert database.lanes_with_work(sinks=["reservations"]) == {"reservations": [LANE]}


def test_of_many_claims_at_once_one_wins(database: OutboxDatabase) -> None:
    buyers = 8
    start = Barrier(buyers)

    def claim(number: int) -> Claim | None:
        start.wait()
        return database.claim(sink="reporting", lane=LANE, owner=str(number))

    with ThreadPoolExecutor(buyers) as threads:
        claims = list(threads.map(claim, range(buyers)))
    assert sum(claim is not None for claim in claims) == 1


def test_missing_lanes_are_inserted(database: OutboxDatabase) -> None:
    with database.engine.begin() as connection:
        connection.execute(delete(lanes).where(lanes.c.Lane > 10))
    database.prepare(partitions=PARTITIONS)
    with database.engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(lanes)) == LANES * len(PARTITIONS)


def test_deliveries_of_an_unknown_sink_are_refused(database: OutboxDatabase) -> None:
    database.commit(a_reservation_message())
    database.address_to("search-index", lane=LANE, message_id=1)
    with pytest.raises(UnknownSinkError) as refusal:
        database.prepare(partitions=PARTITIONS)
    assert refusal.value.sinks == ("search-index",)


def test_the_delivered_counter_grows_by_what_was_acknowledged(database: OutboxDatabase) -> None:
    message_ids = database.commit(a_reservation_message(), a_reservation_message())
    database.settle(claimed(database), delivered=message_ids, failed=False)
    assert database.delivered_counter("reporting") == 2


def test_a_batch_costs_the_same_statements_however_long_it_is(database: OutboxDatabase) -> None:
    def statements_for(messages: int) -> int:
        message_ids = database.commit(*(a_reservation_message() for _ in range(messages)))
        statements: list[str] = []

        def count(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        event.listen(database.engine, "before_cursor_execute", count)
        claim = claimed(database)
        database.read(claim, limit=1000)
        database.settle(claim, delivered=message_ids, failed=False)
        event.remove(database.engine, "before_cursor_execute", count)
        return len([statement for statement in statements if not statement.startswith("BEGIN")])

    assert statements_for(1) == statements_for(200) == 5


@pytest.mark.full
def test_the_probe_never_scans_the_deliveries(postgres_outbox: OutboxDatabase) -> None:
    stream = "showtime:0"
    postgres_outbox.commit(*(a_reservation_message(stream) for _ in range(2_000)))
    probe = lanes_with_work(["reporting"]).compile(
        postgres_outbox.engine, compile_kwargs={"literal_binds": True, "render_postcompile": True}
    )
    with postgres_outbox.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {probe}").scalars())
    assert 'Seq Scan on "OutboxDeliveries"' not in plan
    assert "OutboxDeliveries" in plan
