"""A client that watches a showtime through the gateway, as a browser does."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class ServerSentEvent:
    """As a browser takes it: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

    id: str
    data: dict[str, Any]
    retry: int | None

    @property
    def seats(self) -> dict[str, str]:
        return {f"{seat['row']}-{seat['number']}": seat["status"] for seat in self.data["seats"]}


def events(answer: httpx.Response) -> Iterator[ServerSentEvent]:
    """The events of a stream, one by one; an event ends with an empty line."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            assert name not in fields, f"{name} twice in one event"
            fields[name] = value
        else:
            assert fields.keys() <= {"id", "data", "retry"}
            retry = int(fields["retry"]) if "retry" in fields else None
            yield ServerSentEvent(id=fields["id"], data=json.loads(fields["data"]), retry=retry)
            fields = {}


@contextmanager
def watching(
    gateway: httpx.Client, showtime_id: str, *, query: str = "", last_event_id: str | None = None
) -> Generator[Iterator[ServerSentEvent]]:
    """A stream that has begun, as long as the context lasts."""
    headers = {"accept": "text/event-stream"}
    if last_event_id is not None:
        headers["last-event-id"] = last_event_id
    with gateway.stream("GET", f"/api/showtimes/{showtime_id}/watch{query}", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-cache"
        yield events(answer)
