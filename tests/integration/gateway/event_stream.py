"""A client of server-sent events, and what it takes to have something to watch."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from shared.contracts.documents import SeatClaim, ShowtimeDocument
from tests.servers.envoy import GatewayPorts, envoys

Event = dict[str, Any]


def sold(showtime: ShowtimeDocument, seat: str, *, sequence: int) -> ShowtimeDocument:
    """The showtime after one more event."""
    claim = SeatClaim(status="Sold", reservation_id=None, seq=sequence)
    changed = {"sequence": sequence, "rev": sequence, "claims": {**showtime.claims, seat: claim}}
    return showtime.model_copy(update=changed)


def events(answer: httpx.Response) -> Iterator[Event]:
    """The events of a stream, each with its fields. Keep the iterator: the answer is closed with it."""
    event: Event = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield {**event, "data": json.loads(event["data"])}
            event = {}


@contextmanager
def watching(client: httpx.Client, showtime_id: str, **request: Any) -> Generator[httpx.Response]:
    """A stream, open as long as the context."""
    with client.stream("GET", f"/api/showtimes/{showtime_id}/watch", **request) as answer:
        yield answer


@contextmanager
def gateway_before(read_service_port: int, *, folder: Path, **options: Any) -> Generator[httpx.Client]:
    """A gateway of its own, as for a read service that will be taken away."""
    ports = GatewayPorts(read_service=read_service_port)
    url = f"http://127.0.0.1:{ports.gateway}"
    with (
        envoys(ports, folder=folder, configurations=("gateway.yaml",), **options),
        httpx.Client(base_url=url, trust_env=False, timeout=20) as client,
    ):
        yield client
