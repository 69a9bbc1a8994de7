"""What an audit reads of both databases, and what a repair writes there: on SQLite, and on PostgreSQL in the full tier."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, func, select, update

from migrations.upgrade import upgrade
from shared.application.audit.fact_checks import check_facts
from shared.application.audit.log_checks import check_event_log, check_outbox, check_rows
from shared.application.audit.stream_history import StreamHistory
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.infrastructure.sql.audit_reporting_reader import SqlReportingReader
from shared.infrastructure.sql.audit_write_reader import SqlWriteReader
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.outbox_tables import deliveries, messages
from shared.infrastructure.sql.redelivery import SqlRedelivery
from shared.infrastructure.sql.reporting_repair import SqlReportingRepair
from shared.infrastructure.sql.reporting_tables import event_log, showtime_facts
from shared.infrastructure.sql.reporting_writer import record
from shared.infrastructure.sql.trace_readers import SqlArchive, SqlWrittenReservations
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock
from tests.servers.postgres import throw_away_database

pytestmark = pytest.mark.contract


@dataclass
class Databases:
    """A cinema that has sold, all of it recorded, with deliveries that wait for the hubs alone."""

    write: Engine
    reporting: Engine
    stream: str
    reservation: UUID

    def history(self) -> StreamHistory:
        written = SqlWriteReader(self.write).read([self.stream])[self.stream]
        reported = SqlReportingReader(self.reporting).read([self.stream])[self.stream]
        return StreamHistory.of(written, reported, newest_sequence=written.last_sequence)

    def waiting(self, sink: str) -> list[int]:
        query = (
            select(messages.c.Sequence)
            .join(deliveries, deliveries.c.MessageId == messages.c.Id)
            .where(deliveries.c.Sink == sink, messages.c.StreamId == self.stream)
        )
        with self.write.connect() as connection:
            return sorted(connection.scalars(query))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    if request.param == "sqlite":
        yield from sold(*(f"sqlite:///{tmp_path / name}.db" for name in ("cinema", "reporting")))
        return
    with throw_away_database() as write, throw_away_database() as reporting:
        yield from sold(write, reporting)


def sold(write_url: str, reporting_url: str) -> Iterator[Databases]:
    upgrade(write_url=write_url, reporting_url=reporting_url)
    write, reporting = (
        create_database_engine(url, lock_wait_seconds=5.0, pool_size=2) for url in (write_url, reporting_url)
    )
    side = build_write_side(house_settings(write_url), store=sql_write_store(write), clock=FakeClock())
    cinema = Cinema(side)
    showtime = cinema.open_showtime()
    reservation = cinema.reserve(showtime, "A-1", "A-2").state.reservation_id
    cinema.confirm(reservation)
    cinema.reserve(showtime, "B-1")
    databases = Databases(write, reporting, f"showtime:{showtime}", reservation)
    events = SqlWriteReader(write).read([databases.stream])[databases.stream].messages
    with reporting.begin() as connection:
        record(connection, [events[sequence].as_message() for sequence in sorted(events)])
    with write.begin() as connection:
        connection.execute(delete(deliveries).where(deliveries.c.Sink == "reporting"))
    yield databases
    write.dispose()
    reporting.dispose()


def test_both_tell_the_same_history(databases: Databases) -> None:
    history = databases.history()
    reader = SqlWriteReader(databases.write)
    rows = reader.rows({(event.aggregate_type, event.aggregate_id) for event in history.events.values()})
    assert len(rows) == 3
    assert [
        *check_outbox(history),
        *check_event_log(history),
        *check_facts(history),
        *check_rows(history, rows),
    ] == []
    assert history.write.waiting["domain-events"] == {1, 2, 3, 4}
    assert len(history.reporting.facts) == 3


def test_streams_come_page_by_page_in_the_order_of_their_ids(databases: Databases) -> None:
    reader = SqlWriteReader(databases.write)
    (first,) = reader.streams_after("", limit=1)
    rest = reader.streams_after(first[0], limit=10)
    ids = [stream_id for stream_id, _ in (first, *rest)]
    assert ids == sorted(ids)
    assert reader.last_sequences(ids)[databases.stream] == 4
    reporting = SqlReportingReader(databases.reporting)
    assert reporting.streams_after("", limit=10) == [databases.stream]
    assert reporting.streams_after(databases.stream, limit=10) == []


def test_facts_are_counted_anew_and_lost_events_archived(databases: Databases) -> None:
    events = databases.history().events
    with databases.reporting.begin() as connection:
        connection.execute(delete(event_log).where(event_log.c.Sequence == 3))
        connection.execute(update(showtime_facts).values(SeatsSold=9))
    for _ in range(2):
        SqlReportingRepair(databases.reporting).restore(databases.stream, [events[3]])
    history = databases.history()
    assert check_event_log(history) + check_facts(history) == []


def test_what_is_gone_is_put_back_and_waits_once(databases: Databases) -> None:
    events = databases.history().events
    with databases.write.begin() as connection:
        connection.execute(delete(deliveries))
        connection.execute(delete(messages).where(messages.c.Sequence == 2))
    redelivery = SqlRedelivery(databases.write)
    assert redelivery.deliver_again("reservations", [events[2], events[3]]) == 2
    assert redelivery.deliver_again("reservations", [events[2], events[3], events[4]]) == 1
    assert databases.waiting("reservations") == [2, 3, 4]
    assert check_event_log(databases.history()) == []
    with databases.write.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(messages)) == 6


def test_a_reservation_is_traced(databases: Databases) -> None:
    written = SqlWrittenReservations(databases.write).find(databases.reservation)
    assert written is not None
    assert (written.stream_id, written.status, sorted(written.messages)) == (
        databases.stream,
        "Confirmed",
        [2, 3],
    )
    assert written.waiting["reservations"] == {2, 3}
    archived = SqlArchive(databases.reporting).events_of(
        databases.stream, reservation_id=databases.reservation
    )
    assert sorted(archived) == [2, 3]
