"""One booking's trace over real processes: gateway, node, master, projector, read service."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import grpc
import httpx
import pytest

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from tests.e2e.box_office import BoxOffice, eventually
from tests.e2e.stack_process import StackProcess
from tests.servers.otlp_receiver import OtlpReceiver, Told, ToldSpan, otlp_receiver

pytestmark = pytest.mark.e2e

SINKS = ("cinema.domain.events", "cinema.reservations", "reporting")


@pytest.fixture(scope="module")
def receiver() -> Iterator[OtlpReceiver]:
    with otlp_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def told(receiver: OtlpReceiver) -> Told:
    return receiver.told


@pytest.fixture(scope="module")
def stack(receiver: OtlpReceiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    state = tmp_path_factory.mktemp("told-stack")
    with StackProcess.start(state=state, offset=None, **receiver.environment, LOG_LEVEL="DEBUG") as process:
        yield process.wait_until_running()


@pytest.fixture(scope="module")
def client(stack: StackProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def showtime_id(client: httpx.Client) -> str:
    return BoxOffice(client).open_showtime()


def new_traceparent(*, flags: str = "01") -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"


def trace_id_of(traceparent: str) -> str:
    return traceparent.split("-")[1]


@dataclass(frozen=True)
class Booking:
    """A reservation that was made and read, and what the answer says of its trace."""

    answer: httpx.Response
    traceresponse: str

    @property
    def trace_id(self) -> str:
        return trace_id_of(self.traceresponse)


def book(client: httpx.Client, showtime_id: str, *, seat: int, traceparent: str | None = None) -> Booking:
    """Reserve a seat, and ask for the reservation as soon as it is there, by the trace that the answer names."""
    headers = {"traceparent": traceparent} if traceparent else {}
    command = BoxOffice.command(showtime_id, [("A", seat)])
    answer = client.post("/api/reservations", json=command, headers=headers)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    follow = answer.headers["traceresponse"]
    seen = client.get(answer.headers["location"], headers={"traceparent": follow})
    assert seen.status_code == httpx.codes.OK, seen.text
    return Booking(answer, follow)


def whole_trace(told: Told, trace_id: str) -> list[ToldSpan]:
    """The spans of a booking, once all of them have come: command, three sinks, projector, query."""
    eventually(lambda: len(told.trace(trace_id)) >= 6)
    return told.trace(trace_id)


def only(spans: list[ToldSpan], name: str) -> ToldSpan:
    (found,) = (span for span in spans if span.name == name)
    return found


def test_a_booking_is_one_trace_from_the_command_to_the_query(
    client: httpx.Client, showtime_id: str, told: Told
) -> None:
    booking = book(client, showtime_id, seat=1)
    spans = whole_trace(told, booking.trace_id)
    assert {(span.service, span.kind, span.name) for span in spans} == {
        ("cinema-commands", "SERVER", "POST /api/reservations"),
        ("cinema-timers", "CLIENT", "send reporting"),
        ("cinema-timers", "PRODUCER", "send cinema.domain.events"),
        ("cinema-timers", "PRODUCER", "send cinema.reservations"),
        ("cinema-projector", "CONSUMER", "process cinema.domain.events"),
        ("cinema-read-service", "SERVER", "cinema.read.v1.CinemaQuery/GetReservation"),
    }


def test_all_that_follows_a_command_is_the_commands_child(
    client: httpx.Client, showtime_id: str, told: Told
) -> None:
    booking = book(client, showtime_id, seat=2)
    spans = whole_trace(told, booking.trace_id)
    command = only(spans, "POST /api/reservations")
    assert command.parent_id == ""
    assert booking.traceresponse.startswith(f"00-{command.trace_id}-{command.span_id}-")
    assert {span.parent_id for span in spans if span is not command} == {command.span_id}


def test_a_callers_trace_is_carried_on(client: httpx.Client, showtime_id: str, told: Told) -> None:
    traceparent = new_traceparent()
    booking = book(client, showtime_id, seat=3, traceparent=traceparent)
    assert booking.trace_id == trace_id_of(traceparent)
    command = only(whole_trace(told, booking.trace_id), "POST /api/reservations")
    assert command.parent_id == traceparent.split("-")[2]


def test_a_trace_that_its_caller_does_not_record_is_not_told(
    client: httpx.Client, showtime_id: str, told: Told
) -> None:
    unrecorded = book(client, showtime_id, seat=4, traceparent=new_traceparent(flags="00"))
    assert unrecorded.traceresponse.endswith("-00")
    recorded = book(client, showtime_id, seat=5)
    whole_trace(told, recorded.trace_id)
    assert told.trace(unrecorded.trace_id) == []


def test_an_events_batch_is_linked_to_its_trace(client: httpx.Client, showtime_id: str, told: Told) -> None:
    booking = book(client, showtime_id, seat=6)
    spans = whole_trace(told, booking.trace_id)
    for name in ("send cinema.domain.events", "process cinema.domain.events"):
        (batch_trace,) = only(spans, name).linked_traces
        batch = only(told.trace(batch_trace), name)
        assert booking.trace_id in batch.linked_traces


def test_a_refusal_is_told_by_its_code(client: httpx.Client, showtime_id: str, told: Told) -> None:
    book(client, showtime_id, seat=7)
    refused = client.post("/api/reservations", json=BoxOffice.command(showtime_id, [("A", 7)]))
    assert refused.status_code == httpx.codes.CONFLICT
    trace_id = trace_id_of(refused.headers["traceresponse"])
    eventually(lambda: bool(told.trace(trace_id)))
    (span,) = told.trace(trace_id)
    assert span.attributes["cinema.result"] == "seats-taken"
    assert span.attributes["http.response.status_code"] == httpx.codes.CONFLICT
    assert not span.failed


def test_a_log_record_has_the_trace_in_which_it_was_written(stack: StackProcess, told: Told) -> None:
    traceparent = new_traceparent()
    request = pb.GetShowtimeRequest(showtime_id=str(uuid4()))
    with grpc.insecure_channel(f"127.0.0.1:{stack.ports.read_service}") as channel:
        stub = cast(Any, pb_grpc).CinemaQueryStub(channel)
        with pytest.raises(grpc.RpcError):
            stub.GetShowtime(request, metadata=(("traceparent", traceparent),), timeout=10)

    def of_trace() -> list[str]:
        return [record.text for record in told.records if record.trace_id == trace_id_of(traceparent)]

    eventually(lambda: bool(of_trace()))
    assert of_trace()[0].startswith("query_refused method=GetShowtime error=NotFoundError")


def test_measures_tell_what_has_happened(client: httpx.Client, showtime_id: str, told: Told) -> None:
    booked = book(client, showtime_id, seat=8).answer.json()["reservationId"]
    for _ in range(2):  # the second finds in the cache what the first has put there, or the projector before
        BoxOffice(client).seen_reservation(booked, sequence=0)

    def measured() -> bool:
        command = told.newest("cinema.command.duration", command="reserve_seats", result="ok")
        lag = told.newest("cinema.projector.lag")
        hits = told.newest("cinema.cache.lookups", result="hit")
        delivered = [
            told.newest("cinema.outbox.delivered", sink=sink) for sink in ("reporting", "domain-events")
        ]
        pending = told.newest("cinema.outbox.pending", sink="reporting")
        age = told.newest("cinema.outbox.oldest_age", sink="reporting")
        return all(
            (
                command and 0 < command.value / command.count < 10,
                lag and 0 <= lag.value / lag.count < 30,
                hits and hits.value > 0,
                all(point and point.value > 0 for point in delivered),
                pending and pending.value == 0,
                age and age.value == 0,
            )
        )

    eventually(measured)


def test_no_customer_is_told(client: httpx.Client, showtime_id: str, told: Told) -> None:
    command = BoxOffice.command(showtime_id, [("A", 9)])
    answer = client.post("/api/reservations", json=command)
    seen = client.get("/api/reservations", params={"customer_id": command["customerId"]})
    assert seen.status_code == httpx.codes.OK
    whole = trace_id_of(answer.headers["traceresponse"])
    eventually(lambda: len(told.trace(whole)) >= 5)
    customer, reservation = command["customerId"].encode(), answer.json()["reservationId"].encode()
    assert [body for body in told.bodies if customer in body or reservation in body] == []
