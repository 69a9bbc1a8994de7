"""`cinema audit --repair`: what was lost is delivered again, and the audit has nothing left to say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shared.application.outbox.routing import ROUTES
from shared.contracts.documents import ReservationDocument, ShowtimeDocument
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.outbox_retention import SqlOutboxHistory
from tests.integration.audit.processes import cinema
from tests.servers.audited_stack import DOMAIN_EVENTS_HUB, RESERVATIONS_HUB, AuditedStack

pytestmark = [
    pytest.mark.integration,
    pytest.mark.full,
]  # an audit takes seconds: the SDK opens and closes each receiver


def lose_archived(stack: AuditedStack) -> None:
    stack.change(
        "reporting", "DELETE FROM EventLog WHERE StreamId = :s AND Sequence IN (3, 4)", s=stack.stream
    )


def lose_figures(stack: AuditedStack) -> None:
    stack.change("reporting", "DELETE FROM ShowtimeFacts")
    stack.change("reporting", "DELETE FROM ReservationFacts WHERE ReservationId = :id", id=stack.sold.hex)


def falsify_figures(stack: AuditedStack) -> None:
    stack.change("reporting", "UPDATE ShowtimeFacts SET SeatsSold = 7")


def lose_reports(stack: AuditedStack) -> None:
    for table in ("EventLog", "ShowtimeFacts", "ReservationFacts"):
        stack.change("reporting", f"DELETE FROM {table}")  # noqa: S608 # a test's own


def lose_from(hub: str, *sequences: int) -> Callable[[AuditedStack], None]:
    def lose(stack: AuditedStack) -> None:
        lost = [f'"sequence":{sequence}}}'.encode() for sequence in sequences]
        stack.rewrite(
            hub,
            lambda records: [
                record
                for record in records
                if stack.stream.encode() not in record.message
                or not any(tail in record.message for tail in lost)
            ],
        )

    return lose


def lose_after_retention(stack: AuditedStack) -> None:
    stack.change("cinema", "DELETE FROM OutboxMessages")
    lose_from(RESERVATIONS_HUB, 3, 5)(stack)


def lose_documents(stack: AuditedStack) -> None:
    for model, identity in ((ReservationDocument, stack.sold), (ShowtimeDocument, stack.showtime)):
        with stack.views(model) as documents:
            documents.delete_one({"_id": str(identity)})


def falsify_documents(stack: AuditedStack) -> None:
    stack.alter(ShowtimeDocument, stack.showtime, claims={})
    stack.alter(ReservationDocument, stack.sold, seats="none")


def put_documents_back(stack: AuditedStack) -> None:
    stack.alter(ReservationDocument, stack.sold, version=1, status="Pending", sequence=2)


@pytest.mark.parametrize(
    "damage",
    [
        lose_archived,
        lose_figures,
        falsify_figures,
        lose_reports,
        lose_from(DOMAIN_EVENTS_HUB, 4),
        lose_from(RESERVATIONS_HUB, 2, 3, 5),
        lose_from(RESERVATIONS_HUB, 6),
        lose_after_retention,
        lose_documents,
        falsify_documents,
        put_documents_back,
    ],
)
def test_what_was_damaged_is_whole_again(stack: AuditedStack, damage: Callable[[AuditedStack], None]) -> None:
    damage(stack)
    findings = stack.audit().findings
    assert findings != []
    stack.repair(findings)
    stack.carry()
    report = stack.audit()
    assert report.findings == []
    assert all(count.waiting == 0 for count in report.stations.values())


def test_to_repair_again_changes_nothing(stack: AuditedStack) -> None:
    lose_from(RESERVATIONS_HUB, 4)(stack)
    findings = stack.audit().findings
    assert stack.repair(findings).deliveries == 3
    assert stack.repair(findings).deliveries == 0


def test_what_is_repaired_twice_is_counted_once(stack: AuditedStack) -> None:
    lose_archived(stack)
    findings = stack.audit().findings
    stack.repair(findings)
    stack.repair(findings)
    assert stack.audit().findings == []


def test_a_gap_that_was_allowed_is_not_filled(stack: AuditedStack) -> None:
    stack.change(
        "cinema",
        "INSERT INTO OutboxDiscards SELECT 1, 'reservations', StreamId, Sequence, EventId, '', OccurredAt "
        "FROM OutboxMessages WHERE StreamId = :stream AND Sequence = 4",
        stream=stack.stream,
    )
    lose_from(RESERVATIONS_HUB, 3, 4)(stack)
    stack.repair()
    sequences = stack.count(
        "cinema",
        "SELECT group_concat(Sequence) FROM OutboxMessages m JOIN OutboxDeliveries d ON d.MessageId = m.Id "
        "WHERE d.Sink = 'reservations'",
    )
    assert sequences == "3,5,6"


def test_retention_leaves_what_waits_again(stack: AuditedStack) -> None:
    lose_from(RESERVATIONS_HUB, 5)(stack)
    stack.repair()
    engine = create_database_engine(stack.variables["WRITE_DATABASE_URL"], lock_wait_seconds=5.0, pool_size=2)
    history = SqlOutboxHistory(engine, sinks=tuple(ROUTES))
    history.forget(after=0, until=history.now(), most=1_000)
    with engine.connect() as connection:
        kept: Any = connection.execute(text("SELECT Sequence FROM OutboxMessages")).scalars().all()
    engine.dispose()
    assert sorted(kept) == [5, 6]


def test_the_command_repairs_and_says_what_is_left(stack: AuditedStack, tmp_path: Path) -> None:
    falsify_figures(stack)
    lose_from(RESERVATIONS_HUB, 5)(stack)
    ended = cinema(tmp_path, "audit", "--repair", **stack.variables)
    assert ended.stderr == (
        "2 findings: 2 events wait for a hub again, 1 stream archived and counted anew, "
        "0 streams projected again.\n"
    )
    assert ended.returncode == 0
    assert ended.stdout.endswith("All is well with 3 streams.\n")


def test_what_can_not_be_repaired_is_still_named(stack: AuditedStack, tmp_path: Path) -> None:
    stack.change(
        "reporting", "UPDATE EventLog SET Version = 9 WHERE StreamId = :s AND Sequence = 2", s=stack.stream
    )
    ended = cinema(tmp_path, "audit", "--repair", **stack.variables)
    assert ended.returncode == 1
    assert f"event-log: differs: {stack.stream} #2" in ended.stdout
