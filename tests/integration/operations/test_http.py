"""The operators' functions: what they answer, and what they refuse."""

from pathlib import Path
from uuid import uuid4

import pytest

from shared.application.outbox.lanes import lane_of
from shared.bootstrap.operations import operations_on
from shared.infrastructure.sql.engine import create_database_engine
from tests.builders.outbox_messages import a_message, a_reservation_message, streams_of_one_lane
from tests.integration.write_side.function_client import JSON, Answer
from tests.schemas.documented_client import DocumentedClient
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.integration

LETTERS = "/api/ops/dead-letters"


def wrong_fields(answer: Answer) -> list[str]:
    assert (answer.status, answer.json["type"]) == (422, "/problems/validation")
    return [problem["field"] for problem in answer.json["errors"]]


def held(outbox: OutboxDatabase, *, times: int) -> list[int]:
    """The ids of so many dead letters of the reporting sink, each of a stream of its own."""
    ids: list[int] = []
    for stream in streams_of_one_lane(times):
        outbox.commit(a_reservation_message(stream))
        ids.append(outbox.hold_first("reporting"))
    return ids


def test_the_status_tells_each_sink_as_the_contract_words_it(
    client: DocumentedClient, outbox: OutboxDatabase
) -> None:
    message = a_message()
    outbox.commit(message)
    claim = outbox.claim(sink="reporting", lane=lane_of(message.stream_id), owner="one")
    assert claim is not None
    answer = client.send("GET", "/api/ops/outbox")
    reporting = next(sink for sink in answer.json["sinks"] if sink["sink"] == "reporting")
    assert reporting["pending"] == {"count": 1, "exact": True}
    assert (reporting["oldest"]["messageId"], reporting["oldest"]["eventId"]) == (1, str(message.event_id))
    assert (reporting["delivered"], reporting["lanesWithWork"], reporting["backoffs"]) == (0, 1, [])
    assert (reporting["lanes"], reporting["workIn"], reporting["heldIn"]) == (64, [claim.lane], [])
    assert (reporting["leases"][0]["lane"], reporting["leases"][0]["owner"]) == (claim.lane, "one")
    assert answer.json["at"].endswith("Z")


def test_nothing_is_kept_by_caches(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    (hold_id,) = held(outbox, times=1)
    for answer in (
        client.send("GET", "/api/ops/outbox"),
        client.send("GET", LETTERS),
        client.post(f"{LETTERS}/{hold_id}/redrive"),
    ):
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")


def test_dead_letters_come_page_by_page(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    ids = held(outbox, times=3)
    first = client.send("GET", f"{LETTERS}?limit=2").json
    assert [letter["id"] for letter in first["deadLetters"]] == ids[:2]
    second = client.send("GET", f"{LETTERS}?limit=2&after={first['nextAfter']}").json
    assert [letter["id"] for letter in second["deadLetters"]] == ids[2:]
    assert second["nextAfter"] is None


def test_a_dead_letter_says_which_reservation_it_is_about(
    client: DocumentedClient, outbox: OutboxDatabase
) -> None:
    message = a_reservation_message()
    outbox.commit(message)
    outbox.hold_first("reporting")
    (letter,) = client.send("GET", LETTERS).json["deadLetters"]
    assert (letter["aggregateType"], letter["aggregateId"]) == (message.aggregate_type, message.aggregate_id)


def test_a_page_that_is_just_full_is_the_last(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    held(outbox, times=2)
    assert client.send("GET", f"{LETTERS}?limit=2").json["nextAfter"] is None


def test_dead_letters_of_one_sink(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    held(outbox, times=1)
    assert len(client.send("GET", f"{LETTERS}?sink=reporting").json["deadLetters"]) == 1
    assert client.send("GET", f"{LETTERS}?sink=reservations").json["deadLetters"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=", "limit"),
        ("limit=ten", "limit"),
        ("limit=1_0", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=-1", "limit"),
        ("after=-1", "after"),
        ("after=2147483648", "after"),
        ("after=99999999999999999999", "after"),
        ("sink=kitchen", "sink"),
        ("lmit=10", "lmit"),
    ],
)
def test_a_parameter_that_is_none_is_named(client: DocumentedClient, query: str, field: str) -> None:
    assert wrong_fields(client.send("GET", f"{LETTERS}?{query}")) == [field]


def test_the_status_takes_no_parameter(client: DocumentedClient) -> None:
    assert wrong_fields(client.send("GET", "/api/ops/outbox?sink=reporting")) == ["sink"]


def test_redriving_twice_answers_the_same(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    (hold_id,) = held(outbox, times=1)
    first = client.post(f"{LETTERS}/{hold_id}/redrive")
    assert (first.status, first.json["state"]) == (200, "Resumed")
    assert client.post(f"{LETTERS}/{hold_id}/redrive", {}).json == first.json


def test_what_is_discarded_is_named(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    message = a_reservation_message()
    outbox.commit(message)
    hold_id = outbox.hold_first("reporting")
    answer = client.post(f"{LETTERS}/{hold_id}/discard", {"eventId": str(message.event_id)}).json
    assert (answer["sink"], answer["streamId"], answer["sequence"]) == ("reporting", message.stream_id, 1)
    assert (answer["eventId"], answer["reason"]) == (str(message.event_id), "refused")
    assert outbox.pending("reporting") == []


def test_discarding_twice_is_refused(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    (hold_id,) = held(outbox, times=1)
    statuses = [client.post(f"{LETTERS}/{hold_id}/discard").status for _ in range(2)]
    assert statuses == [200, 409]


def test_to_mean_another_event_discards_nothing(client: DocumentedClient, outbox: OutboxDatabase) -> None:
    (hold_id,) = held(outbox, times=1)
    answer = client.post(f"{LETTERS}/{hold_id}/discard", {"eventId": str(uuid4())})
    assert (answer.status, answer.json["type"]) == (409, "/problems/dead-letter-changed")
    assert list(outbox.held_streams("reporting")) == [hold_id]


@pytest.mark.parametrize("what", ["redrive", "discard"])
@pytest.mark.parametrize("hold_id", ["7", "0", "-1", "seven", "1.0", "2147483648", "9" * 40, "%20", "١"])
def test_a_dead_letter_that_is_not_there_is_not_found(
    client: DocumentedClient, what: str, hold_id: str
) -> None:
    answer = client.post(f"{LETTERS}/{hold_id}/{what}")
    assert (answer.status, answer.json["resource"]) == (404, "dead letter")


def test_a_body_that_says_something_else_is_refused(client: DocumentedClient) -> None:
    assert wrong_fields(client.post(f"{LETTERS}/1/redrive", {"force": True})) == ["force"]
    assert wrong_fields(client.post(f"{LETTERS}/1/discard", {"eventId": "seven"})) == ["eventId"]
    too_large = client.send("POST", f"{LETTERS}/1/discard", body=b" " * 1_001, headers=JSON)
    assert too_large.status == 413


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/ops/outbox"), ("GET", LETTERS), ("POST", f"{LETTERS}/1/redrive")]
)
def test_a_database_that_is_down_says_when_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    lost = create_database_engine(f"sqlite:///{tmp_path}/gone/cinema.db", lock_wait_seconds=0.1, pool_size=1)
    client = DocumentedClient.operating(operations_on(lost, max_body_bytes=10), monkeypatch=monkeypatch)
    answer = client.send(method, path)
    lost.dispose()
    assert (answer.status, answer.json["type"]) == (503, "/problems/unavailable")
    assert answer.headers["retry-after"] == "1"
