"""Requests to the functions: a server span each, and how long commands take by their result."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from time import perf_counter

from opentelemetry.trace import Span, SpanKind

from shared.telemetry.telemetry import Attributes, Telemetry, current_place, fail, place_of
from shared.telemetry.traceparent import parse_traceparent

_COMMANDS = {"POST", "PUT"}
_SERVER_ERROR = 500


class ObservedRequest:
    """A request under way."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.result = "unknown"

    @property
    def traceparent(self) -> str:
        """Where the request is in its trace, for those who follow it, and for who asked."""
        return str(place_of(self._span))

    def answered(self, *, status: int, result: str) -> None:
        """Tell how it ended: `result` is `ok`, or the code of the problem."""
        self.result = result
        self._span.set_attribute("http.response.status_code", status)
        self._span.set_attribute("cinema.result", result)
        if status >= _SERVER_ERROR:
            fail(self._span, result)


class ObservedRequests:
    """Spans and measures of requests to the functions of which `routes` has the path, with its parameters unfilled."""

    def __init__(self, telemetry: Telemetry, *, routes: Mapping[str, str]) -> None:
        self._telemetry = telemetry
        self._routes = routes
        self._seconds = telemetry.seconds_histogram(
            "cinema.command.duration", description="How long commands take, by function and result."
        )

    def tells_of(self, function: str) -> bool:
        """Whether the function is one of those: not, where the question is whether the process lives."""
        return function in self._routes

    @contextmanager
    def request(self, function: str, *, method: str, traceparent: str | None) -> Generator[ObservedRequest]:
        """A span around the handling of a request: in the caller's trace, or the first of a new one.

        The path itself is not told: an id in it may be all that is needed to change the thing.
        """
        started = perf_counter()
        route = self._routes[function]
        attributes: Attributes = {
            "http.request.method": method,
            "http.route": route,
            "cinema.function": function,
        }
        with self._telemetry.span(
            f"{method} {route}",
            kind=SpanKind.SERVER,
            parent=parse_traceparent(traceparent),
            attributes=attributes,
        ) as span:
            request = ObservedRequest(span)
            yield request
            if method in _COMMANDS:
                labels: Attributes = {"cinema.command": function, "cinema.result": request.result}
                self._seconds(perf_counter() - started, labels)


def current_traceparent() -> str | None:
    """The traceparent of the span that is at work here; None if there is none."""
    place = current_place()
    return None if place is None else str(place)
