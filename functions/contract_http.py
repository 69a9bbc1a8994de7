"""The contract as it is served: the OpenAPI document, a page that shows it, the files that pages need, event schemas.

The files lie in `web/`; a page loads nothing from anywhere else, and its content security policy says so.
"""

from functools import cache
from pathlib import Path

import azure.functions as func

from functions.contract.openapi import openapi_text
from functions.contract.pages import SCHEMA_JSON
from functions.problems import refusals_as_problems
from shared.application.errors import NotFoundError
from shared.contracts.json_schemas import document_text, published_schemas

bp = func.Blueprint()

_WEB = Path(__file__).parents[1] / "web"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
_LONGEST_NAME_TOLD = 100

_ALWAYS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_SCHEMA = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
"""What a published schema demands never changes; how it is explained may."""

_PAGE = {
    **_ALWAYS,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


@bp.route("api/openapi.json", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def openapi_json(req: func.HttpRequest) -> func.HttpResponse:
    """The OpenAPI document of commands and queries."""
    del req
    return func.HttpResponse(openapi_text(), headers=_ALWAYS, mimetype="application/json")


@bp.route("api/docs", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def docs_page(req: func.HttpRequest) -> func.HttpResponse:
    """The document, readable."""
    del req
    return func.HttpResponse(_page("docs.html"), headers=_PAGE, mimetype="text/html")


@bp.route("assets/{name}", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def asset(req: func.HttpRequest) -> func.HttpResponse:
    """A style sheet or a script of `web/assets`. Names are looked up, never made into paths."""
    name = req.route_params["name"]
    content = _assets().get(name)
    if content is None:
        raise NotFoundError("asset", name[:_LONGEST_NAME_TOLD])
    return func.HttpResponse(content, headers=_ALWAYS, mimetype=_MEDIA_TYPES[Path(name).suffix])


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


@cache
def _page(name: str) -> bytes:
    return (_WEB / name).read_bytes()


@cache
def _assets() -> dict[str, bytes]:
    files = (path for path in (_WEB / "assets").iterdir() if path.suffix in _MEDIA_TYPES)
    return {path.name: path.read_bytes() for path in files}
