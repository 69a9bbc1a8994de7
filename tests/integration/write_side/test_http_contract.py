"""What the functions answer is what the OpenAPI document says: each success, and each problem type."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from functions import outbox_http, trace_http
from functions.contract.openapi import openapi_document
from functions.problems import TITLES
from shared.application.errors import CommandInFlightError, TooMuchToTellError, UnavailableError
from shared.application.outbox.routing import ROUTES
from shared.bootstrap.operations import operations_on
from shared.bootstrap.write_side import WriteSide
from shared.contracts.envelope import schema_path
from shared.contracts.events import PUBLISHED_EVENTS, EventData
from shared.contracts.generate import FOLDER
from tests.builders.reservations import HOLD
from tests.fakes.clock import FakeClock
from tests.fakes.traced_parts import trace_before_any_delivery
from tests.integration.write_side.conftest import side_on
from tests.integration.write_side.function_client import JSON, Answer
from tests.schemas.documented_client import DocumentedClient
from tests.schemas.some_requests import SomeRequest, some_requests
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

MOVIE = {"title": "Inception", "runtimeMinutes": 148}
HALL = {"name": "Odeon 1", "rows": [{"row": "A", "seats": 10}]}
TRIED_WITH_ITS_SERVERS = {("pipeline_status", 200)}
"""By tests/integration/operations/test_pipeline.py."""

SHOWTIME = {"movieId": "tt1375666", "auditoriumId": "odeon-1", "screeningTime": "2026-12-01T14:00:00Z"}


@pytest.fixture
def side(sqlite_database: WriteDatabase, clock: FakeClock) -> WriteSide:
    return side_on(sqlite_database, clock)


@dataclass
class House:
    """A cinema with one showtime, through a client that checks every answer."""

    side: WriteSide
    clock: FakeClock
    outbox: OutboxDatabase
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        operations = operations_on(self.outbox.engine, max_body_bytes=self.side.max_body_bytes)
        self.monkeypatch.setattr(outbox_http, "operations", lambda: operations)
        trace = trace_before_any_delivery(self.outbox.engine)
        self.monkeypatch.setattr(trace_http, "tracing", lambda: trace)
        self.client = DocumentedClient.serving(self.side, monkeypatch=self.monkeypatch)
        self.client.put("/api/movies/tt1375666", MOVIE)
        self.client.put("/api/auditoriums/odeon-1", HALL)
        self.showtime: dict[str, Any] = self.client.post("/api/showtimes", SHOWTIME).json

    @property
    def showtime_path(self) -> str:
        return f"/api/showtimes/{self.showtime['showtimeId']}"

    @cached_property
    def reservation_id(self) -> str:
        """A reservation, always the same."""
        return self.book(10).json["reservationId"]

    def book(self, *numbers: int, customer: str | None = None) -> Answer:
        body = {
            "showtimeId": self.showtime["showtimeId"],
            "customerId": customer or str(uuid4()),
            "seats": [{"row": "A", "number": number} for number in numbers],
        }
        return self.client.post("/api/reservations", body)

    def booked(self, *numbers: int) -> str:
        return f"/api/reservations/{self.book(*numbers).json['reservationId']}"

    def failing_with(self, error: Exception) -> DocumentedClient:
        """A client of functions whose commands all fail in one way."""

        class Runner:
            def answer(self, *_: object, **__: object) -> object:
                raise error

        side = replace(self.side, runner=cast("Any", Runner()), store_answers=lambda: False)
        return DocumentedClient.serving(side, monkeypatch=self.monkeypatch)


@pytest.fixture
def outbox(sqlite_database: WriteDatabase) -> Iterator[OutboxDatabase]:
    opened = OutboxDatabase(sqlite_database.url)
    opened.prepare(partitions=dict.fromkeys(ROUTES, 0))
    yield opened
    opened.close()


@pytest.fixture
def house(
    side: WriteSide, clock: FakeClock, outbox: OutboxDatabase, monkeypatch: pytest.MonkeyPatch
) -> House:
    return House(side, clock, outbox, monkeypatch)


def wait(house: House, **passed: float) -> None:
    house.clock.advance(HOLD * passed["holds"])


def cancelled(house: House) -> str:
    path = house.booked(1)
    house.client.post(f"{path}/cancel", {"reason": "ill"})
    return path


def expired(house: House) -> str:
    path = house.booked(1)
    wait(house, holds=1)
    return path


def too_many_holds(house: House) -> Answer:
    customer = str(uuid4())
    return [house.book(number, customer=customer) for number in (1, 2, 3)][-1]


def after_the_start(house: House) -> Answer:
    wait(house, holds=100)
    return house.book(1)


def a_dead_letter(house: House, *, sink: str = "reporting") -> str:
    """The path of one that holds the movie's stream."""
    return f"/api/ops/dead-letters/{house.outbox.hold_first(sink)}"


PROBLEMS: dict[str, Callable[[House], Answer]] = {
    "dead-letter-changed": lambda house: house.client.post(
        f"{a_dead_letter(house)}/discard", {"eventId": str(uuid4())}
    ),
    "dead-letter-resumed": lambda house: [
        house.client.post(f"{path}/{what}")
        for path in [a_dead_letter(house)]
        for what in ("redrive", "discard")
    ][-1],
    "event-too-large": lambda house: house.failing_with(TooMuchToTellError(limit_bytes=9)).put(
        "/api/movies/tt1375666", MOVIE
    ),
    "idempotency-in-flight": lambda house: house.failing_with(CommandInFlightError()).post(
        "/api/showtimes", SHOWTIME
    ),
    "idempotency-mismatch": lambda house: [
        house.client.post(path, {"reason": reason}, idempotency_key="k")
        for path in [f"{house.booked(1)}/cancel"]
        for reason in ("ill", "well")
    ][-1],
    "layout-in-use": lambda house: (
        house.booked(2),
        house.client.put("/api/auditoriums/odeon-1", HALL | {"rows": [{"row": "A", "seats": 1}]}),
    )[1],
    "malformed": lambda house: house.client.send("POST", "/api/showtimes", body=b"{", headers=JSON),
    "media-type": lambda house: house.client.send("POST", "/api/showtimes", body=b"{}"),
    "not-found": lambda house: house.client.post(f"/api/reservations/{uuid4()}/confirm"),
    "reservation-cancelled": lambda house: house.client.post(f"{cancelled(house)}/confirm"),
    "reservation-expired": lambda house: house.client.post(f"{expired(house)}/confirm"),
    "seats-taken": lambda house: (house.book(1), house.book(1))[1],
    "showtime-cancelled": lambda house: (house.client.post(f"{house.showtime_path}/cancel"), house.book(1))[
        1
    ],
    "showtime-overlap": lambda house: house.client.post("/api/showtimes", SHOWTIME),
    "showtime-started": after_the_start,
    "too-large": lambda house: house.client.put("/api/movies/tt1375666", MOVIE | {"title": "a" * 70_000}),
    "too-many-holds": too_many_holds,
    "unavailable": lambda house: house.failing_with(UnavailableError()).post("/api/showtimes", SHOWTIME),
    "validation": lambda house: house.client.put("/api/movies/tt1375666", {}),
    "version-mismatch": lambda house: house.client.put("/api/movies/tt1375666", MOVIE, if_match='"7"'),
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_is_as_documented(house: House, code: str) -> None:
    assert PROBLEMS[code](house).json["type"] == f"/problems/{code}"


def test_every_problem_type_is_tried() -> None:
    assert PROBLEMS.keys() == TITLES.keys()


def test_what_nobody_foresaw_is_as_documented(house: House) -> None:
    client = house.failing_with(RuntimeError("planted"))
    assert [client.put("/api/movies/tt1375666", MOVIE).status, client.send("GET", "/health").status] == [
        500,
        503,
    ]


def test_every_success_is_as_documented(house: House) -> None:
    house.client.put("/api/movies/tt1375666", MOVIE | {"title": "千と千尋"})
    house.client.put("/api/auditoriums/odeon-1", HALL | {"name": "Odeon One"})
    path = house.booked(1, 2)
    house.client.post(f"{path}/confirm")
    house.client.post(f"{path}/cancel", {"reason": "ill"})
    house.client.put(house.showtime_path, {"screeningTime": "2026-12-02T14:00:00Z"})
    house.client.post(f"{house.showtime_path}/cancel", {"reason": "flood"})
    house.client.post(f"{a_dead_letter(house)}/redrive")
    for page in (
        "/api/ops/outbox",
        "/api/ops/dead-letters?limit=1",
        path.replace("/api/reservations/", "/api/ops/trace/"),
        "/livez",
        "/health",
        "/api/openapi.json",
        "/booking",
        "/ops",
        "/api/docs",
        "/assets/docs.css",
        "/assets/docs.js",
        "/schemas/events/cinema.movie.changed.v1.json",
    ):
        house.client.send("GET", page)
    house.client.post(f"{a_dead_letter(house, sink='domain-events')}/discard")
    seen = {(function, status) for function, status, _ in house.client.seen}
    assert seen | TRIED_WITH_ITS_SERVERS == {
        (operation["operationId"], int(status))
        for item in openapi_document()["paths"].values()
        for operation in item.values()
        for status in operation["responses"]
        if operation["tags"] != ["Queries"] and status.startswith("2")
    }


def test_an_answer_beside_the_document_is_noticed(house: House) -> None:
    answer = house.book(1)
    operation = house.client.operation("POST", "/api/reservations")
    wrong = [
        replace(answer, status=202),
        replace(answer, headers={**answer.headers, "content-type": "text/plain"}),
        replace(answer, headers={"content-type": "application/json"}),
        replace(answer, headers={**answer.headers, "retry-after": "1"}),
        replace(answer, body=json.dumps(answer.json | {"status": "Held"}).encode()),
        replace(answer, body=json.dumps(answer.json | {"version": "1"}).encode()),
    ]
    assert house.client.problems(operation, answer) == []
    assert all(house.client.problems(operation, one) for one in wrong)


@pytest.mark.parametrize("page", ["/booking", "/ops", "/api/docs"])
def test_a_page_allows_no_script_but_its_own(house: House, page: str) -> None:
    headers = house.client.send("GET", page).headers
    assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/booking", "/assets/base.css"])
def test_what_a_browser_has_is_not_sent_again(house: House, path: str) -> None:
    first = house.client.send("GET", path)
    assert first.headers["cache-control"] == "no-cache"
    again = house.client.send("GET", path, headers={"if-none-match": f'W/"other", {first.headers["etag"]}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = house.client.send("GET", path, headers={"if-none-match": '"other"'})
    assert (other.status, other.body) == (200, first.body)


@pytest.mark.parametrize("name", ["nothing.css", "..%2fdocs.html", "..", "docs.html"])
def test_only_assets_are_served(house: House, name: str) -> None:
    assert house.client.send("GET", f"/assets/{name}").status == 404


@pytest.mark.parametrize("event", PUBLISHED_EVENTS, ids=lambda event: event.wire_type)
def test_the_schema_of_an_event_is_served_as_published_where_its_dataschema_says(
    house: House, event: type[EventData]
) -> None:
    path = schema_path(event.wire_type)
    answer = house.client.send("GET", path)
    assert answer.body == (FOLDER / path.removeprefix("/")).read_bytes()
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.headers["cache-control"].startswith("public, max-age=")


@pytest.mark.parametrize(
    "name", ["cinema.movie.changed.v9.json", "cinema.movie.changed.v1", "..%2fenvelope.json"]
)
def test_only_published_events_have_a_schema(house: House, name: str) -> None:
    answer = house.client.send("GET", f"/schemas/events/{name}")
    assert (answer.status, answer.json["type"], answer.json["resource"]) == (
        404,
        "/problems/not-found",
        "schema",
    )


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=some_requests())
def test_whatever_is_sent_no_answer_is_undocumented_and_none_is_our_failure(
    house: House, request: SomeRequest
) -> None:
    sent = request.about(showtime_id=house.showtime["showtimeId"], reservation_id=house.reservation_id)
    answer = house.client.send(sent.method, sent.path, body=sent.body, headers=sent.headers)
    assert answer.status < 500
