"""What the functions answer beside commands, as OpenAPI paths: whether they are well, and what documents them."""

from typing import Any

from functions.problems import PROBLEM_JSON

SCHEMA_JSON = "application/schema+json"

_NOT_FOUND = {"$ref": "#/components/schemas/problem.not-found"}
_TAGGED = {"headers": {"ETag": {"$ref": "#/components/headers/FileETag"}}}
_UNCHANGED: dict[str, Any] = {"description": "It is what the browser has.", **_TAGGED}
_HEALTH: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"enum": ["healthy", "unhealthy"]},
        "checks": {
            "type": "object",
            "additionalProperties": {"enum": ["answers", "does not answer", "is misconfigured"]},
        },
    },
    "required": ["status", "checks"],
}
_ALIVE: dict[str, Any] = {
    "type": "object",
    "properties": {"status": {"const": "alive"}},
    "required": ["status"],
}


def _get(function: str, summary: str, *, tag: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    operation = {"operationId": function, "summary": summary, "tags": [tag], **more, "responses": responses}
    return {"get": operation}


def _answer(description: str, *, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return _answer(description, media_type="application/json", schema=schema)


def _page(function: str, summary: str, *, tag: str) -> dict[str, Any]:
    page = _answer("A page.", media_type="text/html", schema={"type": "string"})
    return _get(function, summary, tag=tag, responses={"200": {**page, **_TAGGED}, "304": _UNCHANGED})


PAGE_PATHS: dict[str, dict[str, Any]] = {
    "/livez": _get(
        "livez",
        "Whether this process answers at all. Not passed on by the gateway.",
        tag="Operations",
        responses={"200": _json("It does.", _ALIVE)},
    ),
    "/health": _get(
        "health",
        "Whether everything that this node needs answers. The gateway answers for the whole system instead.",
        tag="Operations",
        responses={
            "200": _json("It does.", _HEALTH),
            "500": _answer(
                "Internal Server Error.",
                media_type=PROBLEM_JSON,
                schema={"$ref": "#/components/schemas/problem.500"},
            ),
            "503": _json("Something does not; which, is said.", _HEALTH),
        },
    ),
    "/api/openapi.json": _get(
        "openapi_json",
        "This document.",
        tag="Documentation",
        responses={"200": _json("OpenAPI 3.1.", {"type": "object"})},
    ),
    "/booking": _page("booking_page", "Where customers book. The gateway shows it at `/`.", tag="Pages"),
    "/ops": _page("operations_page", "Where operators look at the pipeline.", tag="Pages"),
    "/api/docs": _page("docs_page", "This document as a page.", tag="Documentation"),
    "/schemas/events/{name}": _get(
        "event_schema",
        "The JSON Schema of an event's data, at the path that the event's `dataschema` says.",
        tag="Documentation",
        parameters=[
            {
                "name": "name",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "examples": ["cinema.reservation.created.v1.json"]},
            }
        ],
        responses={
            "200": _answer("JSON Schema 2020-12.", media_type=SCHEMA_JSON, schema={"type": "object"}),
            "404": _answer("No such event is published.", media_type=PROBLEM_JSON, schema=_NOT_FOUND),
        },
    ),
    "/assets/{name}": _get(
        "asset",
        "A file that a page needs.",
        tag="Pages",
        parameters=[{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
        responses={
            "200": {
                "description": "The file.",
                "content": {
                    kind: {"schema": {"type": "string"}}
                    for kind in ("text/css", "text/javascript", "image/svg+xml")
                },
                **_TAGGED,
            },
            "304": _UNCHANGED,
            "404": _answer("There is no such file.", media_type=PROBLEM_JSON, schema=_NOT_FOUND),
        },
    ),
}
"""Every GET of the functions, by its path."""
