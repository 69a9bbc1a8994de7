"""Is what is deployed a cinema? A seat is held, seen, given back and seen free again, through the gateway.

It leaves a movie and an auditorium, each registered once under a fixed id, and a cancelled showtime for each run.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
from pydantic import TypeAdapter, ValidationError

from infra.hooks.settings import HookError, SmokeSettings

MOVIE, AUDITORIUM = "tt0000001", "smoke-test"
OPERATIONS = "/api/ops/outbox"
SEAT = {"row": "A", "number": 1}

_OBJECT = TypeAdapter(dict[str, Any])
_STARTING = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_PAUSE_SECONDS = 1.0
_SLOTS = 300_000  # minutes: more than half a year of starts, so that two runs hardly meet


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """What is tried, and how long each step may be waited for."""

    client: httpx.Client
    patience_seconds: float

    def ask(
        self, method: str, path: str, *, expect: HTTPStatus | set[HTTPStatus], **options: Any
    ) -> httpx.Response:
        """Ask until the answer is no longer that something is starting.

        Raises:
            HookError: the answer is another than expected, or there is none in time.
        """
        wanted = {expect} if isinstance(expect, HTTPStatus) else expect
        deadline = time.monotonic() + self.patience_seconds
        while True:
            outcome = self._once(method, path, **options)
            if isinstance(outcome, httpx.Response):
                if outcome.status_code in wanted:
                    return outcome
                if outcome.status_code not in _STARTING:
                    raise HookError(f"{method} {path} answered {outcome.status_code}: {outcome.text[:500]}")
            if time.monotonic() >= deadline:
                raise HookError(f"{method} {path}: {_told(outcome)}, for {self.patience_seconds:.0f} s")
            time.sleep(_PAUSE_SECONDS)

    def _once(self, method: str, path: str, **options: Any) -> httpx.Response | httpx.TransportError:
        try:
            return self.client.request(method, path, **options)
        except httpx.TransportError as error:
            return error


def smoke_test(settings: SmokeSettings, *, say: Callable[[str], None]) -> None:
    """Hold a seat, see it held, give it back, see it free; see that operations are closed to strangers.

    Raises:
        HookError: the first answer that is wrong, with what was asked.
    """
    with httpx.Client(base_url=settings.gateway_url, timeout=35) as client:
        gateway = Gateway(client=client, patience_seconds=settings.smoke_patience_seconds)
        showtime = _open_showtime(gateway)
        say(f"  showtime {showtime} is on sale")
        held = _document(
            _command(gateway, "/api/reservations", _booking(showtime), expect=HTTPStatus.CREATED)
        )
        reservation = str(held["reservationId"])
        _see(gateway, showtime, seat="held", sequence=held["sequence"])
        say(f"  reservation {reservation} was made, and its seat is seen as held")
        cancelled = _document(
            _command(gateway, f"/api/reservations/{reservation}/cancel", expect=HTTPStatus.OK)
        )
        _see(gateway, showtime, seat="free", sequence=cancelled["sequence"])
        say("  it was cancelled, and its seat is seen as free")
        _command(gateway, f"/api/showtimes/{showtime}/cancel", expect=HTTPStatus.OK)
        if settings.smoke_operations_closed:
            gateway.ask("GET", OPERATIONS, expect={HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
            say("  operations let no stranger in")


def _open_showtime(gateway: Gateway) -> str:
    done = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT}
    movie = {"title": "Smoke test", "runtimeMinutes": 1}
    gateway.ask("PUT", f"/api/movies/{MOVIE}", json=movie, expect=done)
    layout = {"name": "Smoke test", "rows": [{"row": "A", "seats": 2}]}
    gateway.ask("PUT", f"/api/auditoriums/{AUDITORIUM}", json=layout, expect=done)
    start = datetime.now(UTC) + timedelta(days=30, minutes=random.randrange(_SLOTS))  # noqa: S311 # it guards nothing
    body = {
        "movieId": MOVIE,
        "auditoriumId": AUDITORIUM,
        "screeningTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return str(_document(_command(gateway, "/api/showtimes", body, expect=HTTPStatus.CREATED))["showtimeId"])


def _booking(showtime: str) -> dict[str, object]:
    return {"showtimeId": showtime, "customerId": str(uuid4()), "seats": [SEAT]}


def _command(
    gateway: Gateway, path: str, body: Mapping[str, object] | None = None, *, expect: HTTPStatus
) -> httpx.Response:
    """With a key, so that asking again after a lost answer changes nothing."""
    headers = {"Idempotency-Key": str(uuid4())}
    return gateway.ask("POST", path, json=body or {}, headers=headers, expect=expect)


def _see(gateway: Gateway, showtime: str, *, seat: str, sequence: object) -> None:
    """Read the showtime as it is once the command's sequence has arrived."""
    parameters = {"min_sequence": str(sequence)}
    answer = gateway.ask("GET", f"/api/showtimes/{showtime}", params=parameters, expect=HTTPStatus.OK)
    seats: list[dict[str, Any]] = _document(answer).get("seats", [])
    seen = next((each.get("status") for each in seats if {**each, **SEAT} == each), None)
    if str(seen).lower() != seat:
        raise HookError(
            f"the seat of showtime {showtime} is {seen} at sequence {sequence}, and should be {seat}"
        )


def _document(answer: httpx.Response) -> dict[str, Any]:
    asked = f"{answer.request.method} {answer.request.url}"
    try:
        return _OBJECT.validate_json(answer.content)
    except ValidationError as error:
        raise HookError(f"{asked} answered no JSON object: {answer.text[:500]}") from error


def _told(outcome: httpx.Response | httpx.TransportError) -> str:
    if isinstance(outcome, httpx.Response):
        return f"answered {outcome.status_code}: {outcome.text[:500]}"
    return f"no answer ({outcome!r})"
