"""Requests of every command, drawn from the OpenAPI document: sensible ones, and what a careless client sends."""

import json
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import quote

from hypothesis import strategies as st

from functions.contract.openapi import openapi_document
from tests.schemas.validation import Schemas

DOCUMENT = Schemas({"openapi": openapi_document()}, current="openapi")
COMMANDS = [
    (method.upper(), path, operation)
    for path, item in DOCUMENT.documents["openapi"]["paths"].items()
    for method, operation in item.items()
    if method != "get"
]

A_SHOWTIME, A_RESERVATION = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
"""Stand for ids that are known only when there is a cinema to ask; see `SomeRequest.about`."""

KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "movieId": st.just("tt1375666"),
    "auditoriumId": st.just("odeon-1"),
    "showtimeId": st.just(A_SHOWTIME),
    "reservationId": st.just(A_RESERVATION),
    "id": st.integers(0, 3).map(str),
    "row": st.sampled_from(["A", "B"]),
    "seats": st.integers(1, 12),
}
"""Values by the names of fields and parameters, so that not everything is refused at the door."""

TEXTS = st.text(max_size=40)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXTS,
    "integer": st.integers(1, 12) | st.integers(),
    "null": st.none(),
    "uuid": st.uuids().map(str),
    "date-time": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_.~ %é千"
NAMES = st.text(LETTERS, min_size=1, max_size=50).filter(lambda name: name.strip(".")) | st.uuids().map(str)
"""Without `.` and `..`, which a client takes out of a path before it sends it."""

HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            ["application/json", "application/json; charset=utf-8", "text/plain"]
        ),
        "if-match": st.sampled_from(['"1"', '"2"', "*"]) | st.text('"1W/*,x', min_size=1, max_size=8),
        "traceparent": st.text("0123456789abcdef-", min_size=1, max_size=60),
    },
)


@dataclass(frozen=True)
class SomeRequest:
    """A request that a socket can carry."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]

    def about(self, *, showtime_id: str, reservation_id: str) -> Self:
        """The same request, about things that exist."""
        path = self.path.replace(A_RESERVATION, reservation_id).replace(A_SHOWTIME, showtime_id)
        body = self.body.replace(A_SHOWTIME.encode(), showtime_id.encode())
        return replace(self, path=path, body=body)


def values(schema: dict[str, Any], *, name: str = "") -> st.SearchStrategy[Any]:
    """What a schema allows; for fields whose name is known, mostly what the cinema knows too."""
    if "$ref" in schema:
        return values(DOCUMENT.resolved(schema["$ref"])[1], name=name)
    if "anyOf" in schema:
        return st.one_of([values(choice, name=name) for choice in schema["anyOf"]])
    allowed = _of_type(schema)
    return KNOWN[name] | KNOWN[name] | allowed if name in KNOWN and schema["type"] != "array" else allowed


def _of_type(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema["type"] == "object":
        fields = {name: values(field, name=name) for name, field in schema.get("properties", {}).items()}
        needed = {name: fields.pop(name) for name in schema.get("required", [])}
        return st.fixed_dictionaries(needed, optional=fields)
    if schema["type"] == "array":
        return st.lists(values(schema["items"]), min_size=schema.get("minItems", 0), max_size=4)
    return SCALARS[schema.get("format", schema["type"])]


@st.composite
def some_requests(draw: st.DrawFn) -> SomeRequest:
    """A command's request. Most bodies fit the command's schema, some fit nothing."""
    method, template, operation = draw(st.sampled_from(COMMANDS))
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    fitting = values(schema).map(json.dumps).map(str.encode)
    unfit = ANYTHING.map(json.dumps).map(str.encode) | st.binary()
    steps = [
        quote(str(draw(KNOWN[step[1:-1]] | NAMES)), safe="") if step.startswith("{") else step
        for step in str(template).split("/")
    ]
    return SomeRequest(
        method=method,
        path="/".join(steps),
        body=draw(st.one_of(fitting, fitting, unfit)),
        headers={"content-type": "application/json"} | draw(HEADERS),
    )
