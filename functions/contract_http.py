"""The contract as it is served: the OpenAPI document, and the schemas of events."""

from functools import cache

import azure.functions as func

from functions.contract.openapi import openapi_text
from functions.contract.pages import SCHEMA_JSON
from functions.problems import refusals_as_problems
from shared.application.errors import NotFoundError
from shared.contracts.json_schemas import document_text, published_schemas

bp = func.Blueprint()

_LONGEST_NAME_TOLD = 100

_ALWAYS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_SCHEMA = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
"""What a published schema demands never changes; how it is explained may."""


@bp.route("api/openapi.json", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def openapi_json(req: func.HttpRequest) -> func.HttpResponse:
    """The OpenAPI document of commands and queries."""
    del req
    return func.HttpResponse(openapi_text(), headers=_ALWAYS, mimetype="application/json")


@bp.route("schemas/events/{name}", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def event_schema(req: func.HttpRequest) -> func.HttpResponse:
    """The JSON Schema of an event's data, at the path that its envelope's `dataschema` says."""
    name = req.route_params["name"]
    schema = _schema_texts().get(f"/schemas/events/{name}")
    if schema is None:
        raise NotFoundError("schema", name[:_LONGEST_NAME_TOLD])
    return func.HttpResponse(schema, headers=_SCHEMA, mimetype=SCHEMA_JSON)


@cache
def _schema_texts() -> dict[str, str]:
    return {path: document_text(schema) for path, schema in published_schemas().items()}
