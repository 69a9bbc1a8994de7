"""The audit as it is wired: nothing wrong with a healthy cinema, and exactly what was damaged with any other."""

from collections.abc import Iterable, Sequence

import pytest

from local.eventhubs.log import Record
from shared.application.audit.findings import Finding, Kind
from shared.application.audit.ports import StationUnreadableError
from shared.application.outbox.errors import PartitionMismatchError
from shared.application.outbox.lanes import lane_of
from shared.contracts.documents import ReservationDocument, ShowtimeDocument
from tests.servers.audited_stack import DOMAIN_EVENTS_HUB, PARTITIONS, RESERVATIONS_HUB, AuditedStack
from tests.servers.process import free_port

pytestmark = [
    pytest.mark.integration,
    pytest.mark.full,
]  # an audit takes seconds: the SDK opens and closes each receiver


def told(finding: Finding) -> tuple[str, str, str, list[int]]:
    return finding.kind, finding.station, finding.stream_id, sorted(finding.sequences)


def the_only_finding(stack: AuditedStack) -> Finding:
    (found,) = stack.audit().findings
    return found


def is_of(record: Record, stream_id: str, sequence: int) -> bool:
    return stream_id.encode() in record.message and f'"sequence":{sequence}}}'.encode() in record.message


def test_a_healthy_cinema_has_no_findings(stack: AuditedStack) -> None:
    report = stack.audit()
    assert (report.findings, report.remarks, report.streams) == ([], [], 3)
    assert report.all_is_well
    assert {station: count.checked for station, count in report.stations.items()} == {
        "outbox": 9,
        "write-rows": 6,
        "event-log": 9,
        "facts": 4,
        "domain-events": 9,
        "reservations": 5,
        "view:movies": 1,
        "view:auditoriums": 1,
        "view:showtimes": 1,
        "view:reservations": 3,
        "projection-failures": 0,
    }


def test_a_lost_row_of_the_archive(stack: AuditedStack) -> None:
    stack.change(
        "reporting", "DELETE FROM EventLog WHERE StreamId = :stream AND Sequence = 3", stream=stack.stream
    )
    assert told(the_only_finding(stack)) == ("missing", "event-log", stack.stream, [3])


def test_an_archived_event_that_was_changed(stack: AuditedStack) -> None:
    stack.change(
        "reporting", "UPDATE EventLog SET Version = 9 WHERE StreamId = :stream AND Sequence = 2",
        stream=stack.stream,
    )  # fmt: skip
    assert told(the_only_finding(stack)) == ("differs", "event-log", stack.stream, [2])


def test_a_figure_that_was_changed(stack: AuditedStack) -> None:
    stack.change("reporting", "UPDATE ShowtimeFacts SET SeatsSold = 7")
    found = the_only_finding(stack)
    assert told(found) == ("differs", "facts", stack.stream, [])
    assert found.detail == "SeatsSold is 7, by its events 2"


def test_a_lost_figure(stack: AuditedStack) -> None:
    stack.change("reporting", "DELETE FROM ReservationFacts WHERE ReservationId = :id", id=stack.sold.hex)
    found = the_only_finding(stack)
    assert (found.kind, found.station, found.subject) == ("missing", "facts", f"reservation:{stack.sold}")


def test_a_business_row_that_was_changed(stack: AuditedStack) -> None:
    stack.change(
        "cinema", "UPDATE Reservations SET Status = 'Cancelled' WHERE ReservationId = :id", id=stack.sold.hex
    )
    found = the_only_finding(stack)
    assert (found.kind, found.station, found.subject) == (
        "differs",
        "write-rows",
        f"Reservation {stack.sold}",
    )


def test_a_message_that_was_delivered_and_forgotten_is_no_finding(stack: AuditedStack) -> None:
    stack.change("cinema", "DELETE FROM OutboxMessages WHERE StreamId = :stream", stream=stack.stream)
    assert stack.audit().all_is_well


def test_an_event_that_is_in_no_table(stack: AuditedStack) -> None:
    for database, table in (("cinema", "OutboxMessages"), ("reporting", "EventLog")):
        statement = f"DELETE FROM {table} WHERE StreamId = :stream AND Sequence = 3"  # noqa: S608 # a test's own
        stack.change(database, statement, stream=stack.stream)
    found = stack.audit().findings
    assert ("missing", "outbox", stack.stream, [3]) in [told(finding) for finding in found]


@pytest.mark.parametrize(
    ("hub", "sink"), [(DOMAIN_EVENTS_HUB, "domain-events"), (RESERVATIONS_HUB, "reservations")]
)
def test_an_event_that_a_hub_has_lost(stack: AuditedStack, hub: str, sink: str) -> None:
    stack.rewrite(hub, lambda records: [each for each in records if not is_of(each, stack.stream, 4)])
    assert told(the_only_finding(stack)) == ("missing", sink, stack.stream, [4])


def test_a_repeat_is_counted_and_is_no_finding(stack: AuditedStack) -> None:
    stack.rewrite(DOMAIN_EVENTS_HUB, lambda records: [*records, *records[:2]])
    report = stack.audit()
    assert report.all_is_well
    assert report.stations["domain-events"].repeats == 2


def test_events_that_were_swapped(stack: AuditedStack) -> None:
    def swap(records: Sequence[Record]) -> Iterable[Record]:
        (place,) = (number for number, each in enumerate(records) if is_of(each, stack.stream, 3))
        return [*records[:place], records[place + 1], records[place], *records[place + 2 :]]

    stack.rewrite(RESERVATIONS_HUB, swap)
    assert told(the_only_finding(stack)) == ("out-of-order", "reservations", stack.stream, [3])


def test_an_event_on_another_partition(stack: AuditedStack) -> None:
    taken: list[Record] = []

    def without_the_last(records: Sequence[Record]) -> Iterable[Record]:
        taken.extend(each for each in records if is_of(each, stack.stream, 6))
        return [each for each in records if each not in taken]

    stack.rewrite(DOMAIN_EVENTS_HUB, without_the_last)
    elsewhere = (lane_of(stack.stream) + 1) % PARTITIONS
    stack.rewrite(DOMAIN_EVENTS_HUB, lambda records: [*records, *taken], partition=elsewhere)
    assert told(the_only_finding(stack)) == ("misplaced", "domain-events", stack.stream, [6])


def test_an_event_that_was_changed_on_its_way(stack: AuditedStack) -> None:
    def forge(records: Sequence[Record]) -> Iterable[Record]:
        return [
            each._replace(message=each.message.replace(b"Confirmed", b"Cancelled"))
            if is_of(each, stack.stream, 4)
            else each
            for each in records
        ]

    stack.rewrite(RESERVATIONS_HUB, forge)
    assert told(the_only_finding(stack)) == ("differs", "reservations", stack.stream, [4])


def test_a_document_that_is_gone(stack: AuditedStack) -> None:
    with stack.views(ReservationDocument) as reservations:
        reservations.delete_one({"_id": str(stack.sold)})
    found = the_only_finding(stack)
    assert (found.kind, found.station, found.subject) == ("missing", "view:reservations", str(stack.sold))


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ({"claims": {}}, "differs"),
        ({"status": "Cancelled"}, "differs"),
        ({"claims": 3}, "unreadable"),
    ],
)
def test_a_document_that_was_changed(stack: AuditedStack, damage: dict[str, object], kind: str) -> None:
    stack.alter(ShowtimeDocument, stack.showtime, **damage)
    found = the_only_finding(stack)
    assert (found.kind, found.station, found.stream_id) == (kind, "view:showtimes", stack.stream)


def test_a_document_of_nothing(stack: AuditedStack) -> None:
    with stack.views(ReservationDocument) as reservations:
        document = reservations.find_one({"_id": str(stack.sold)})
        reservations.insert_one({**document, "_id": str(stack.showtime)})
    found = the_only_finding(stack)
    assert (found.kind, found.subject) == (Kind.UNKNOWN, str(stack.showtime))


def test_what_waits_is_counted_and_is_no_finding(stack: AuditedStack) -> None:
    stack.change(
        "cinema",
        "INSERT INTO OutboxDeliveries SELECT 'reservations', Lane, Id FROM OutboxMessages WHERE Sequence = 6",
    )
    stack.rewrite(
        RESERVATIONS_HUB, lambda records: [each for each in records if not is_of(each, stack.stream, 6)]
    )
    report = stack.audit()
    assert report.all_is_well
    assert report.stations["reservations"].waiting == 1


def test_what_is_held_and_what_is_discarded_are_no_findings(stack: AuditedStack) -> None:
    for sink, sequence, lane in (("reservations", 6, "-1"), ("domain-events", 4, "Lane")):
        stack.change(
            "cinema",
            f"INSERT INTO OutboxDeliveries SELECT '{sink}', {lane}, Id FROM OutboxMessages "  # noqa: S608 # a test's own
            f"WHERE StreamId = :stream AND Sequence = {sequence}",
            stream=stack.stream,
        )
    stack.change(
        "cinema",
        "INSERT INTO OutboxHolds SELECT 1, 'reservations', StreamId, Lane, Id, 'Held', 'refused', OccurredAt "
        "FROM OutboxMessages WHERE StreamId = :stream AND Sequence = 6",
        stream=stack.stream,
    )
    stack.change(
        "cinema",
        "INSERT INTO OutboxDiscards SELECT 1, 'reservations', StreamId, Sequence, EventId, 'refused', OccurredAt "
        "FROM OutboxMessages WHERE StreamId = :stream AND Sequence = 5",
        stream=stack.stream,
    )
    stack.rewrite(
        RESERVATIONS_HUB,
        lambda records: [
            each for each in records if not any(is_of(each, stack.stream, sequence) for sequence in (5, 6))
        ],
    )
    report = stack.audit()
    assert report.findings == []
    assert report.stations["reservations"].waiting == 1
    assert report.stations["reservations"].discarded == 1


@pytest.mark.parametrize(
    ("changed", "station"),
    [
        ({"write_database_url": "postgresql://nobody@127.0.0.1:1/none"}, "outbox"),
        ({"write_database_url": "sqlite:////nowhere/cinema.db"}, "WRITE_DATABASE_URL"),
        ({"reporting_database_url": "sqlite:////nowhere/reporting.db"}, "REPORTING_DATABASE_URL"),
        ({"reporting_database_url": "postgresql://nobody@127.0.0.1:1/none"}, "event-log"),
        ({"mongo_url": f"mongodb://127.0.0.1:{free_port()}"}, "views"),
        ({"reservations_hub": "cinema.kitchen"}, "reservations"),
    ],
)
def test_what_can_not_be_read_is_a_failure(
    stack: AuditedStack, changed: dict[str, object], station: str
) -> None:
    with pytest.raises(StationUnreadableError) as failure:
        stack.audit(**changed)
    assert failure.value.station == station


def test_a_hub_that_is_down_is_a_failure(stack: AuditedStack) -> None:
    stack.emulator.kill()
    with pytest.raises(StationUnreadableError, match="domain-events can't be read"):
        stack.audit(audit_hub_seconds=3)


def test_another_number_of_partitions_is_a_failure(stack: AuditedStack) -> None:
    with pytest.raises(PartitionMismatchError):
        stack.audit(hub_partitions=8)


def test_an_empty_cinema_is_not_said_to_be_well(stack: AuditedStack) -> None:
    for table in ("OutboxStreams", "OutboxMessages"):
        stack.change("cinema", f"DELETE FROM {table}")  # noqa: S608 # a test's own
    assert not stack.audit().all_is_well
