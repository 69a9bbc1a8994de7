"""A client that sends a command again with its key gets the first answer, and changes nothing."""

from typing import Any

import pytest

from shared.application.errors import CommandInFlightError
from shared.infrastructure.sql import write_tables
from shared.infrastructure.sql.command_ledger import SqlCommandLedger
from tests.builders.reservations import HOLD
from tests.fakes.clock import FakeClock
from tests.integration.write_side.function_client import Answer, FunctionClient
from tests.integration.write_side.test_http_commands import HALL, MOVIE, SHOWTIME, booking
from tests.integration.write_side.test_races import at_once
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration


@pytest.fixture
def showtime(client: FunctionClient) -> dict[str, Any]:
    client.put("/api/movies/tt1375666", MOVIE)
    client.put("/api/auditoriums/odeon-1", HALL)
    return client.post("/api/showtimes", SHOWTIME, idempotency_key="open").json


def type_of(answer: Answer) -> str:
    return answer.json["type"].removeprefix("/problems/")


def test_a_booking_that_is_sent_again_gets_the_same_answer_to_the_letter(
    client: FunctionClient, showtime: dict[str, Any], sqlite_database: WriteDatabase
) -> None:
    wanted = booking(showtime, 1, 2)
    first, again = (client.post("/api/reservations", wanted, idempotency_key="k-1") for _ in range(2))
    assert first.status == 201
    assert again == first
    assert sqlite_database.count(write_tables.reservations) == 1


def test_the_answer_is_the_first_one_even_if_the_world_has_moved_on(
    client: FunctionClient, showtime: dict[str, Any], clock: FakeClock
) -> None:
    wanted = booking(showtime, 1)
    first = client.post("/api/reservations", wanted, idempotency_key="k-1")
    path = f"/api/reservations/{first.json['reservationId']}/cancel"
    cancelled = client.post(path, idempotency_key="k-1")
    clock.advance(HOLD)
    assert client.post("/api/reservations", wanted, idempotency_key="k-1") == first
    assert client.post(path, idempotency_key="k-1") == cancelled


def test_a_booking_that_is_sent_twice_at_once_is_made_once(
    client: FunctionClient, showtime: dict[str, Any], sqlite_database: WriteDatabase
) -> None:
    """SQLite has one writer at a time: who comes second waits for it, and finds its answer."""
    wanted = booking(showtime, 1)
    one, two = at_once(*[lambda: client.post("/api/reservations", wanted, idempotency_key="k-1")] * 2)
    assert one == two
    assert sqlite_database.count(write_tables.reservations) == 1


def test_a_showtime_that_is_sent_again_is_not_in_its_own_way(
    client: FunctionClient, showtime: dict[str, Any]
) -> None:
    again = client.post("/api/showtimes", SHOWTIME, idempotency_key="open")
    assert (again.status, again.json) == (201, showtime)
    assert type_of(client.post("/api/showtimes", SHOWTIME, idempotency_key="another")) == "showtime-overlap"


def test_a_key_that_comes_with_another_body_is_refused(
    client: FunctionClient, showtime: dict[str, Any]
) -> None:
    client.post("/api/reservations", booking(showtime, 1), idempotency_key="k-1")
    other = client.post("/api/reservations", booking(showtime, 2), idempotency_key="k-1")
    assert (other.status, type_of(other)) == (422, "idempotency-mismatch")


def test_a_refusal_is_not_kept_and_is_judged_anew(client: FunctionClient, showtime: dict[str, Any]) -> None:
    rival = client.post("/api/reservations", booking(showtime, 1)).json["reservationId"]
    wanted = booking(showtime, 1)
    assert client.post("/api/reservations", wanted, idempotency_key="k-1").status == 409
    client.post(f"/api/reservations/{rival}/cancel")
    assert client.post("/api/reservations", wanted, idempotency_key="k-1").status == 201


def test_what_is_running_elsewhere_is_in_flight(
    client: FunctionClient, showtime: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def running(_self: object) -> None:
        raise CommandInFlightError

    monkeypatch.setattr(SqlCommandLedger, "recall", running)
    answer = client.post("/api/reservations", booking(showtime, 1), idempotency_key="k-1")
    assert (answer.status, type_of(answer)) == (409, "idempotency-in-flight")


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "ключ", "a\x07"])
def test_what_is_no_key_is_malformed(client: FunctionClient, showtime: dict[str, Any], key: str) -> None:
    answer = client.post("/api/reservations", booking(showtime, 1), idempotency_key=key)
    assert (answer.status, type_of(answer)) == (400, "malformed")


def test_a_put_needs_no_key(client: FunctionClient) -> None:
    first = client.put("/api/movies/tt1375666", MOVIE, idempotency_key="k-1")
    again = client.put("/api/movies/tt1375666", MOVIE, idempotency_key="k-1")
    assert (first.status, again.status) == (201, 200)
