"""The smoke test must fail, and say at what, when the cinema behind the gateway is none."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.hooks.settings import HookError, SmokeSettings
from infra.hooks.smoke import smoke_test
from tests.servers.http_server import serving
from tests.servers.process import free_port

pytestmark = pytest.mark.integration

SHOWTIME, RESERVATION = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
Answer = tuple[HTTPStatus, str]


def seat(status: str) -> Answer:
    return HTTPStatus.OK, json.dumps({"seats": [{"row": "A", "number": 1, "status": status}]})


def sequence(number: int, **more: str) -> str:
    return json.dumps({"sequence": number, **more})


WELL: Mapping[str, Answer] = {
    "PUT /api/movies/tt0000001": (HTTPStatus.OK, "{}"),
    "PUT /api/auditoriums/smoke-test": (HTTPStatus.OK, "{}"),
    "POST /api/showtimes": (HTTPStatus.CREATED, sequence(1, showtimeId=SHOWTIME)),
    "POST /api/reservations": (HTTPStatus.CREATED, sequence(2, reservationId=RESERVATION)),
    f"GET /api/showtimes/{SHOWTIME}?min_sequence=2": seat("Held"),
    f"POST /api/reservations/{RESERVATION}/cancel": (HTTPStatus.OK, sequence(3)),
    f"GET /api/showtimes/{SHOWTIME}?min_sequence=3": seat("Free"),
    f"POST /api/showtimes/{SHOWTIME}/cancel": (HTTPStatus.OK, sequence(4)),
    "GET /api/ops/outbox": (HTTPStatus.UNAUTHORIZED, ""),
}


@dataclass(frozen=True)
class Wrong:
    """What one path answers instead, and what the smoke test says of it."""

    path: str
    answer: Answer
    said: str


WRONG = {
    "a command crashes": Wrong(
        "POST /api/reservations",
        (HTTPStatus.INTERNAL_SERVER_ERROR, "oh"),
        r"POST /api/reservations answered 500: oh",
    ),
    "a command is refused": Wrong(
        f"POST /api/reservations/{RESERVATION}/cancel", (HTTPStatus.NOT_FOUND, "{}"), r"cancel answered 404"
    ),
    "a placeholder answers": Wrong(
        "POST /api/showtimes",
        (HTTPStatus.CREATED, "<h1>Welcome</h1>"),
        r"answered no JSON object: <h1>Welcome",
    ),
    "a command answers another status": Wrong(
        "POST /api/reservations", (HTTPStatus.OK, "{}"), r"POST /api/reservations answered 200"
    ),
    "the seat is never held": Wrong(
        f"GET /api/showtimes/{SHOWTIME}?min_sequence=2",
        seat("Free"),
        r"is Free at sequence 2, and should be held",
    ),
    "the seat is never given back": Wrong(
        f"GET /api/showtimes/{SHOWTIME}?min_sequence=3",
        seat("Held"),
        r"is Held at sequence 3, and should be free",
    ),
    "the seat is not there": Wrong(
        f"GET /api/showtimes/{SHOWTIME}?min_sequence=2",
        (HTTPStatus.OK, '{"seats": []}'),
        r"is None at sequence 2",
    ),
    "operations are open": Wrong(
        "GET /api/ops/outbox", (HTTPStatus.OK, "{}"), r"GET /api/ops/outbox answered 200"
    ),
    "the read side never catches up": Wrong(
        f"GET /api/showtimes/{SHOWTIME}?min_sequence=2",
        (HTTPStatus.GATEWAY_TIMEOUT, "late"),
        r"answered 504: late, for",
    ),
}


def test_a_gateway_that_answers_well_passes() -> None:
    with gateway(WELL) as url:
        assert tried(url)[-1] == "  operations let no stranger in"


@pytest.mark.parametrize("case", WRONG)
def test_a_gateway_that_answers_wrongly_fails_and_it_is_said_where(case: str) -> None:
    wrong = WRONG[case]
    with gateway({**WELL, wrong.path: wrong.answer}) as url, pytest.raises(HookError, match=wrong.said):
        tried(url)


def test_a_gateway_that_is_not_there_fails() -> None:
    with pytest.raises(HookError, match=r"PUT /api/movies/tt0000001: no answer"):
        tried(f"http://127.0.0.1:{free_port()}")


def tried(url: str) -> list[str]:
    lines: list[str] = []
    smoke_test(SmokeSettings(gateway_url=url, smoke_patience_seconds=0.1), say=lines.append)
    return lines


@contextmanager
def gateway(answers: Mapping[str, Answer]) -> Generator[str]:
    """A server that answers each request as it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = answers[f"{self.command} {self.path}"]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # silence
            return

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}"
