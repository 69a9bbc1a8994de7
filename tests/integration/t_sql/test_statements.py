"""What SQL Server is sent: it is T-SQL, and it is what a person has read and approved in `approved.sql`.

After a change that is right: `APPROVE=1 python -m pytest tests/integration/t_sql`, and read the difference.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from sqlalchemy import Delete, Engine, delete
from sqlglot import exp

from migrations.upgrade import upgrade
from shared.application.outbox.backoff import Backoff
from shared.application.outbox.dead_letters import HoldState
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Claim, Poison
from shared.application.outbox.routing import ROUTES
from shared.application.rebuild.ports import BEGINNING, LogPlace
from shared.application.reporting.local_days import LocalOffset
from shared.application.reporting.ports import Reports, ReportScope
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.infrastructure.sql.audit_reporting_reader import SqlReportingReader
from shared.infrastructure.sql.audit_write_reader import SqlWriteReader
from shared.infrastructure.sql.dead_letters import SqlDeadLetters
from shared.infrastructure.sql.delivered_events import SqlDeliveredEvents
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.event_archive import SqlEventArchive
from shared.infrastructure.sql.outbox_retention import SqlOutboxHistory
from shared.infrastructure.sql.outbox_status import SqlOutboxStatus
from shared.infrastructure.sql.outbox_store import SqlOutboxStore
from shared.infrastructure.sql.outbox_tables import deliveries as outbox_deliveries
from shared.infrastructure.sql.outbox_tables import messages as outbox_messages
from shared.infrastructure.sql.outbox_writer_sql_server import APPEND_AND_COMPLETE_SQL
from shared.infrastructure.sql.redelivery import SqlRedelivery
from shared.infrastructure.sql.report_statements import movie_days
from shared.infrastructure.sql.reporting_queries import SqlReports
from shared.infrastructure.sql.reporting_repair import SqlReportingRepair
from shared.infrastructure.sql.reporting_tables import event_log
from shared.infrastructure.sql.reporting_writer import is_replaced, record
from shared.infrastructure.sql.trace_readers import SqlArchive, SqlWrittenReservations
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import a_customer
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock
from tests.integration.t_sql.forgotten_customer import forget_customer
from tests.integration.t_sql.recording import REPAIR, Recording

pytestmark = pytest.mark.integration

APPROVED = Path(__file__).with_name("approved.sql")
_CLOCKS_ARE_SET_BACK = [
    LocalOffset(since=NOON - timedelta(days=60), seconds=7200),
    LocalOffset(since=NOON - timedelta(days=37), seconds=3600),
]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    folder = tmp_path_factory.mktemp("t_sql")
    write_url, reporting_url = (f"sqlite:///{folder / name}" for name in ("cinema.db", "reporting.db"))
    upgrade(write_url=write_url, reporting_url=reporting_url)
    write, reporting = (
        create_database_engine(url, lock_wait_seconds=5.0, pool_size=2) for url in (write_url, reporting_url)
    )
    recorded = Recording()
    with recorded.listening(write, reporting):
        clock = FakeClock()
        side = build_write_side(house_settings(write_url), store=sql_write_store(write), clock=clock)
        _commands(Cinema(side), clock=clock, recorded=recorded)
        store = SqlOutboxStore(write, lease_seconds=15.0, backoff=Backoff())
        _hold_and_let_go(store, SqlDeadLetters(write), SqlOutboxStatus(write), recorded=recorded)
        messages = _drain(store, recorded=recorded)
        recorded.doing = "reporting sink"
        with reporting.begin() as connection:
            record(connection, messages)
            is_replaced(connection, messages[0])
            recorded.doing = "report: movies, over a change of the clocks"
            connection.execute(movie_days([], months=[691, 692], offsets=_CLOCKS_ARE_SET_BACK))
        _reports(SqlReports(reporting, zone=ZoneInfo("Europe/Berlin")), recorded=recorded)
        recorded.doing = "look at the pipeline"
        assert SqlDeliveredEvents(write).newest(most=10)
        recorded.doing = "audit"
        _audit(SqlWriteReader(write), SqlReportingReader(reporting))
        recorded.doing = "trace"
        _trace(write, reporting, messages)
        recorded.doing = "rebuild the views"
        _rebuild(SqlEventArchive(reporting))
        recorded.doing = "fill gaps"
        assert SqlEventArchive(reporting).read(messages[0].stream_id, sequences=[1, 2], limit=10)
        recorded.doing = REPAIR
        _repair(write, reporting, messages)
        recorded.doing = "forget a customer"
        forget_customer(write, reporting)
        recorded.doing = "retention"
        _forget(SqlOutboxHistory(write, sinks=tuple(ROUTES)), messages)
    yield recorded
    write.dispose()
    reporting.dispose()


def _commands(cinema: Cinema, *, clock: FakeClock, recorded: Recording) -> None:
    recorded.doing = "register a movie"
    cinema.register_movie()
    cinema.register_movie("Inception, again")
    recorded.doing = "register an auditorium"
    cinema.register_auditorium(A=10, B=10)
    recorded.doing = "create a showtime"
    showtime = cinema.create_showtime().state.showtime_id
    recorded.doing = "reserve seats"
    ended = cinema.reserve(showtime, "A-1")
    clock.advance(timedelta(minutes=10))
    recorded.doing = "reserve seats over an ended hold"
    live = cinema.reserve(showtime, "A-1", customer=a_customer())
    recorded.doing = "confirm a reservation"
    cinema.confirm(live.state.reservation_id)
    recorded.doing = "cancel a reservation"
    cinema.cancel(live.state.reservation_id)
    cinema.cancel(ended.state.reservation_id)
    recorded.doing = "expire holds"
    cinema.reserve(showtime, "A-2")
    clock.advance(timedelta(minutes=10))
    cinema.side.expire_holds()
    recorded.doing = "reschedule a showtime"
    cinema.reschedule_showtime(showtime, starts_at=NOON + timedelta(days=1))
    recorded.doing = "cancel a showtime"
    cinema.reserve(showtime, "A-3")
    cinema.cancel_showtime(showtime)
    recorded.doing = "clear cancelled showtimes"
    cinema.side.clear_cancelled_showtimes()
    recorded.doing = "forget answers"
    cinema.side.forget_answers()
    recorded.doing = "refit an auditorium"
    cinema.register_auditorium(A=5, B=10)


def _hold_and_let_go(
    store: SqlOutboxStore, dead_letters: SqlDeadLetters, status: SqlOutboxStatus, *, recorded: Recording
) -> None:
    recorded.doing = "master: prepare"
    store.prepare(partitions=dict.fromkeys(ROUTES, 0))
    recorded.doing = "master: poll"
    (lane, *_) = store.lanes_with_work(sinks=list(ROUTES))["domain-events"]
    for let_go in (dead_letters.redrive, dead_letters.discard):
        claim, first = _claim_and_read(store, lane=lane, recorded=recorded)
        assert first is not None
        recorded.doing = "master: hold a stream"
        poison = Poison(message_id=first.id, reason="refused")
        assert store.settle(claim, delivered=[], failed=False, poison=poison)
        recorded.doing = "look at the outbox"
        status.read()
        recorded.doing = "list dead letters"
        (hold,) = (each for each in dead_letters.list(limit=10) if each.state is HoldState.HELD)
        dead_letters.list(sink="reporting", limit=10)
        recorded.doing = "redrive or discard"
        let_go(hold.id)
    dead_letters.discards(limit=10)
    claim, _ = _claim_and_read(store, lane=lane, recorded=recorded)
    recorded.doing = "master: end a hold"
    assert store.settle(claim, delivered=[], failed=False)


def _claim_and_read(
    store: SqlOutboxStore, *, lane: int, recorded: Recording
) -> tuple[Claim, OutboxMessage | None]:
    """A claim with the first message that may be carried; what is read and may not is put aside."""
    while True:
        recorded.doing = "master: claim"
        claim = store.claim(sink="domain-events", lane=lane, owner="one")
        assert claim is not None
        recorded.doing = "master: read"
        batch = store.read(claim, limit=500)
        if not batch.held:
            return claim, next(iter(batch.messages), None)
        recorded.doing = "master: hold a stream"
        assert store.settle(claim, delivered=[], failed=False, held=batch.held)


def _drain(store: SqlOutboxStore, *, recorded: Recording) -> list[OutboxMessage]:
    recorded.doing = "master: prepare"
    store.prepare(partitions=dict.fromkeys(ROUTES, 0))
    recorded.doing = "master: poll"
    lanes = store.lanes_with_work(sinks=list(ROUTES))
    messages: dict[int, OutboxMessage] = {}
    for sink, lane in [(sink, lane) for sink, found in lanes.items() for lane in found]:
        recorded.doing = "master: claim"
        claim = store.claim(sink=sink, lane=lane, owner="one")
        assert claim is not None
        recorded.doing = "master: read"
        batch = store.read(claim, limit=500)
        recorded.doing = "master: acknowledge"
        assert store.settle(claim, delivered=[message.id for message in batch.messages], failed=False)
        messages |= {message.id: message for message in batch.messages}
    return list(messages.values())


def _audit(write: SqlWriteReader, reporting: SqlReportingReader) -> None:
    write.streams_after("", limit=100)
    stream_ids = reporting.streams_after("", limit=100)
    records = write.read(stream_ids).values()
    events = [event for record in records for event in record.messages.values()]
    assert write.rows({(event.aggregate_type, event.aggregate_id) for event in events})
    assert reporting.read(stream_ids)


def _rebuild(archive: SqlEventArchive) -> None:
    first = archive.page(after=BEGINNING, limit=2)
    assert archive.page(after=LogPlace(first[0].partition, first[0].position), limit=100)
    assert archive.about() > 0


def _repair(write: Engine, reporting: Engine, messages: Sequence[OutboxMessage]) -> None:
    """A message that is there, one that retention has taken, and a row that the archive has lost."""
    stream_id = next(one.stream_id for one in messages if one.aggregate_type == "Reservation")
    events = list(SqlWriteReader(write).read([stream_id])[stream_id].messages.values())
    _behind_everybody(write, delete(outbox_messages).where(outbox_messages.c.Id == events[0].place))
    _behind_everybody(reporting, delete(event_log).where(event_log.c.StreamId == stream_id))
    assert SqlRedelivery(write).deliver_again("domain-events", events[:2]) == 2
    SqlReportingRepair(reporting).restore(stream_id, events)
    _behind_everybody(write, delete(outbox_deliveries))


def _behind_everybody(engine: Engine, statement: Delete) -> None:
    """A connection of its own driver's, so that it is not among the recorded statements."""
    text = statement.compile(engine, compile_kwargs={"literal_binds": True})
    with engine.begin() as connection:
        connection.exec_driver_sql(str(text))


def _trace(write: Engine, reporting: Engine, messages: Sequence[OutboxMessage]) -> None:
    message = next(one for one in messages if one.aggregate_type == "Reservation")
    reservation_id = UUID(message.aggregate_id)
    assert SqlWrittenReservations(write).find(reservation_id)
    assert SqlArchive(reporting).events_of(message.stream_id, reservation_id=reservation_id)


def _forget(history: SqlOutboxHistory, messages: Sequence[OutboxMessage]) -> None:
    newest = max(message.occurred_at for message in messages)
    until = max(history.now(), newest) + timedelta(hours=1)
    assert history.forget(after=0, until=until, most=1_000).forgotten == len(messages)


def _reports(reports: Reports, *, recorded: Recording) -> None:
    summer = NOON.replace(month=6).date()
    scope = ReportScope(first_day=summer, last_day=summer + timedelta(days=365), movie_id="tt1375666")
    recorded.doing = "report: showtimes"
    assert len(reports.showtimes(scope)) == 1
    recorded.doing = "report: movies"
    assert len(reports.movies(scope)) == 1
    recorded.doing = "report: conversion"
    assert reports.conversion(scope).holds > 0
    recorded.doing = "report: hours"
    assert len(reports.hours(scope)) > 0


def test_every_statement_is_t_sql(recording: Recording) -> None:
    assert APPEND_AND_COMPLETE_SQL.strip() in recording.statements
    assert len(recording.statements) > 30
    for text in recording.statements:
        parsed = sqlglot.parse(text, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)
        # What the grammar does not know, it passes on unread as a command.
        assert all(part is not None and not isinstance(part, exp.Command) for part in parsed), text


def test_no_condition_is_used_as_a_value(recording: Recording) -> None:
    """SQL Server has no booleans: `x IN (…) = 1` is an error there, though the grammar lets it pass."""
    assert compared_conditions("DELETE FROM t WHERE x IN (SELECT 1) = 1") != []
    for text in recording.statements:
        assert compared_conditions(text) == [], text


def compared_conditions(text: str) -> list[str]:
    return [
        comparison.sql("tsql")
        for statement in sqlglot.parse(text, dialect="tsql")
        if statement is not None
        for comparison in statement.find_all(exp.EQ, exp.NEQ)
        if any(isinstance(side.unnest(), exp.Predicate) for side in (comparison.left, comparison.right))
    ]


def test_what_is_no_t_sql_would_be_noticed() -> None:
    with pytest.raises(sqlglot.ParseError):
        sqlglot.parse("SELECT * FROM (VALUES (1)", dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)


def test_every_statement_is_one_that_was_approved(recording: Recording) -> None:
    script = recording.as_script()
    if os.environ.get("APPROVE"):
        APPROVED.write_text(script, encoding="utf-8")
    assert APPROVED.read_text(encoding="utf-8") == script
