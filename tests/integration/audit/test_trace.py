"""Where a booking is: by the command line, by the function, and while parts are down."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.application.errors import NotFoundError
from shared.application.tracing.reservation_trace import Cached, Delivery, ReservationTrace
from shared.bootstrap.tracing import open_tracing
from shared.contracts.documents import ReservationDocument, ShowtimeDocument
from shared.settings import TraceSettings
from tests.integration.audit.processes import cinema
from tests.schemas.documented_client import DocumentedClient
from tests.servers.audited_stack import AuditedStack
from tests.servers.process import free_port

pytestmark = [pytest.mark.integration, pytest.mark.full]  # it starts whole worlds, and reads hubs

BOTH_HUBS = {"domain-events", "reservations"}


def trace_settings(stack: AuditedStack, **changed: object) -> TraceSettings:
    values: dict[str, object] = {
        name if name == "EventHub" else name.lower(): value for name, value in stack.variables.items()
    }
    return TraceSettings.model_validate(values | changed)


def traced(stack: AuditedStack, *, search_hubs: bool = False, **changed: object) -> ReservationTrace:
    with open_tracing(trace_settings(stack, **changed), search_hubs=search_hubs) as trace:
        return trace(stack.sold)


def deliveries(trace: ReservationTrace, sequence: int) -> dict[str, Delivery]:
    (event,) = (event for event in trace.events if event.sequence == sequence)
    return {station.sink: station.delivery for station in event.sinks}


def test_a_booking_that_has_arrived_is_everywhere(stack: AuditedStack) -> None:
    trace = traced(stack, search_hubs=True)
    assert (trace.status, trace.version, trace.stream_id) == ("Confirmed", 2, stack.stream)
    assert [(event.sequence, event.version) for event in trace.events] == [(2, 1), (4, 2)]
    for event in trace.events:
        assert (event.archived, event.in_reservation, event.in_showtime) == (True, True, True)
        assert {station.delivery for station in event.sinks} == {Delivery.DELIVERED}
        moments = {station.sink: station.enqueued_at for station in event.sinks}
        assert {sink for sink, moment in moments.items() if moment is not None} == BOTH_HUBS
        assert all(
            moment is None or timedelta(0) <= datetime.now(UTC) - moment < timedelta(hours=1)
            for moment in moments.values()
        )
    assert [(document.view, document.cached) for document in trace.documents] == [
        ("reservations", Cached.CURRENT),
        ("showtimes", Cached.CURRENT),
    ]
    assert all(document.passed and document.passed.projected for document in trace.documents)
    assert trace.unreadable == {}


def test_what_retention_has_taken_is_told_from_the_archive(stack: AuditedStack) -> None:
    stack.change("cinema", "DELETE FROM OutboxMessages")
    assert [event.sequence for event in traced(stack).events] == [2, 4]


def test_what_waits_is_pending_or_held_or_discarded(stack: AuditedStack) -> None:
    for sink, lane in (("reporting", "Lane"), ("reservations", "-7")):
        stack.change(
            "cinema",
            f"INSERT INTO OutboxDeliveries SELECT '{sink}', {lane}, Id FROM OutboxMessages "  # noqa: S608 # a test's own
            "WHERE StreamId = :stream AND Sequence = 4",
            stream=stack.stream,
        )
    for statement in (
        "INSERT INTO OutboxHolds SELECT 7, 'reservations', StreamId, Lane, Id, 'Held', 'refused', OccurredAt ",
        "INSERT INTO OutboxDiscards SELECT 1, 'domain-events', StreamId, Sequence, EventId, '', OccurredAt ",
    ):
        source = "FROM OutboxMessages WHERE StreamId = :stream AND Sequence = 4"
        stack.change("cinema", statement + source, stream=stack.stream)
    trace = traced(stack)
    assert deliveries(trace, 4) == {
        "reporting": Delivery.PENDING,
        "domain-events": Delivery.DISCARDED,
        "reservations": Delivery.HELD,
    }
    assert set(deliveries(trace, 2).values()) == {Delivery.DELIVERED}


def test_what_is_not_archived_or_projected_yet_is_told(stack: AuditedStack) -> None:
    stack.change(
        "reporting", "DELETE FROM EventLog WHERE StreamId = :stream AND Sequence = 4", stream=stack.stream
    )
    stack.alter(ReservationDocument, stack.sold, version=1)
    first, last = traced(stack).events
    assert (first.archived, first.in_reservation) == (True, True)
    assert (last.archived, last.in_reservation, last.in_showtime) == (False, False, True)


def test_a_document_that_is_cached_otherwise_or_not_at_all_is_told_so(
    stack: AuditedStack, redis: Any
) -> None:
    stack.alter(ShowtimeDocument, stack.showtime, rev=99)
    assert [document.cached for document in traced(stack).documents] == [Cached.CURRENT, Cached.OTHER]
    redis.flushall()
    assert [document.cached for document in traced(stack).documents] == [Cached.ABSENT, Cached.ABSENT]


@pytest.mark.parametrize(
    ("changed", "station"),
    [
        ({"mongo_url": f"mongodb://127.0.0.1:{free_port()}"}, "views"),
        ({"redis_url": f"redis://127.0.0.1:{free_port()}/0"}, "cache"),
        ({"reporting_database_url": "postgresql://nobody@127.0.0.1:1/none"}, "event-log"),
        ({"reservations_hub": "cinema.kitchen"}, "reservations"),
    ],
)
def test_a_part_that_is_down_is_told_and_the_rest_is_too(
    stack: AuditedStack, changed: dict[str, object], station: str
) -> None:
    trace = traced(stack, search_hubs=station == "reservations", **changed)
    assert list(trace.unreadable) == [station]
    assert [event.sequence for event in trace.events] == [2, 4]


def test_a_booking_that_nobody_made_is_unknown(stack: AuditedStack) -> None:
    with open_tracing(trace_settings(stack), search_hubs=False) as trace, pytest.raises(NotFoundError):
        trace(uuid4())


def test_the_command_tells_each_station_and_ends_with_zero(stack: AuditedStack, tmp_path: Path) -> None:
    ended = cinema(tmp_path, "trace", str(stack.sold), **stack.variables)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"Reservation {stack.sold}: Confirmed, version 2\nin {stack.stream}\n" in ended.stdout
    for told in (
        "#2 reservation.created",
        "#4 reservation.confirmed",
        "enqueued",
        "archived",
        "cache: current",
    ):
        assert told in ended.stdout
    assert max(len(line) for line in ended.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    ("argument", "code", "words"),
    [("b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4", 1, "There is no reservation"), ("nonsense", 2, "RESERVATION")],
)
def test_the_command_does_not_know_what_is_none(
    stack: AuditedStack, tmp_path: Path, argument: str, code: int, words: str
) -> None:
    ended = cinema(tmp_path, "trace", argument, **stack.variables)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert words in ended.stderr


def test_the_command_ends_with_one_while_a_part_is_down(stack: AuditedStack, tmp_path: Path) -> None:
    away = {"MONGO_URL": f"mongodb://127.0.0.1:{free_port()}"}
    ended = cinema(tmp_path, "trace", "--no-hubs", str(stack.sold), **{**stack.variables, **away})
    assert ended.returncode == 1
    assert "views can't be read: " in ended.stdout


def test_function_and_command_say_the_same(
    stack: AuditedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = cinema(tmp_path, "trace", "--no-hubs", "--json", str(stack.sold), **stack.variables)
    with open_tracing(trace_settings(stack), search_hubs=False) as trace:
        client = DocumentedClient.tracing(trace, monkeypatch=monkeypatch)
        answer = client.send("GET", f"/api/ops/trace/{stack.sold}")
        assert (answer.status, answer.json) == (200, json.loads(printed.stdout))
        assert client.send("GET", f"/api/ops/trace/{uuid4()}").json["resource"] == "reservation"
        assert client.send("GET", "/api/ops/trace/nonsense").status == 404
        assert client.send("GET", f"/api/ops/trace/{stack.sold}?hubs=1").status == 422


def test_without_a_write_database_the_function_is_unavailable(
    stack: AuditedStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = trace_settings(stack, write_database_url="postgresql://nobody@127.0.0.1:1/none")
    with open_tracing(away, search_hubs=False) as trace:
        client = DocumentedClient.tracing(trace, monkeypatch=monkeypatch)
        assert client.send("GET", f"/api/ops/trace/{stack.sold}").status == 503
