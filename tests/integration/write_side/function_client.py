"""Calls the HTTP functions as the worker does, without a socket: find the function, build the request, call it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func
import pytest

from functions import (
    catalogue_http,
    operations_http,
    outbox_http,
    pipeline_http,
    reservations_http,
    showtimes_http,
    trace_http,
)
from shared.bootstrap.write_side import WriteSide

MODULES = (catalogue_http, showtimes_http, reservations_http, operations_http)
EVERY_MODULE = (*MODULES, outbox_http, pipeline_http, trace_http)
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Route:
    """An HTTP function and what it answers to."""

    name: str
    method: str
    path: re.Pattern[str]
    function: Callable[[func.HttpRequest], func.HttpResponse]


@dataclass(frozen=True)
class Answer:
    """A response as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


def every_route(modules: Iterable[Any] = EVERY_MODULE) -> list[Route]:
    """The functions that answer over HTTP, found as the worker finds them."""
    app = func.FunctionApp()
    for module in modules:
        app.register_functions(module.bp)
    routes: list[Route] = []
    for function in cast("list[Any]", app.get_functions()):
        trigger: dict[str, Any] = function.get_trigger().get_dict_repr()
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", f"/{trigger['route']}")
        method: str = trigger["methods"][0].value
        routes.append(
            Route(function.get_function_name(), method, re.compile(pattern), function.get_user_function())
        )
    return routes


@dataclass(frozen=True)
class FunctionClient:
    """A client of the write side's functions."""

    routes: list[Route]

    @classmethod
    def serving(cls, side: WriteSide, *, monkeypatch: pytest.MonkeyPatch) -> Self:
        """A client of functions that work on a write side of the test's making."""
        for module in MODULES:
            monkeypatch.setattr(module, "write_side", lambda: side)
        return cls(every_route())

    def send(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        target = urlsplit(path)
        for route in self.routes:
            found = route.path.fullmatch(target.path)
            if found and route.method == method:
                break
        else:
            pytest.fail(f"no function answers {method} {path}")
        request = func.HttpRequest(
            method,
            f"http://localhost:5001{path}",
            headers=headers or {},
            params=dict(parse_qsl(target.query, keep_blank_values=True)),
            route_params=found.groupdict(),
            body=body,
        )
        response = route.function(request)
        return Answer(response.status_code, self._headers(response), response.get_body())

    def put(self, path: str, body: object, **headers: str) -> Answer:
        return self.send("PUT", path, body=json.dumps(body).encode(), headers=JSON | _with_hyphens(headers))

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        if body is None:
            return self.send("POST", path, headers=_with_hyphens(headers))
        return self.send("POST", path, body=json.dumps(body).encode(), headers=JSON | _with_hyphens(headers))

    @staticmethod
    def _headers(response: func.HttpResponse) -> dict[str, str]:
        headers = {name.lower(): value for name, value in cast("Mapping[str, str]", response.headers).items()}
        return {"content-type": response.mimetype, **headers}


def _with_hyphens(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
