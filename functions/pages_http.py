"""The pages, and the files that they load. All lie in `web/`.

A page loads nothing from anywhere else, and its content security policy says so.
"""

from functools import cache
from pathlib import Path

import azure.functions as func

from functions.problems import refusals_as_problems
from shared.application.errors import NotFoundError

bp = func.Blueprint()

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What an asset may be, by the end of its name."""

_WEB = Path(__file__).parents[1] / "web"
_LONGEST_NAME_TOLD = 100

_ASSET = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_PAGE = {
    **_ASSET,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
}


@bp.route("booking", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def booking_page(req: func.HttpRequest) -> func.HttpResponse:
    """Where customers book. The gateway shows it at `/`, a path that the Functions host keeps for itself."""
    del req
    return _page("booking.html")


@bp.route("ops", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def operations_page(req: func.HttpRequest) -> func.HttpResponse:
    """Where operators look at the pipeline."""
    del req
    return _page("operations.html")


@bp.route("api/docs", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def docs_page(req: func.HttpRequest) -> func.HttpResponse:
    """The OpenAPI document, readable."""
    del req
    return _page("docs.html")


@bp.route("assets/{name}", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def asset(req: func.HttpRequest) -> func.HttpResponse:
    """A style sheet, a script or a picture of `web/assets`. Names are looked up, never made into paths."""
    name = req.route_params["name"]
    content = _assets().get(name)
    if content is None:
        raise NotFoundError("asset", name[:_LONGEST_NAME_TOLD])
    return func.HttpResponse(content, headers=_ASSET, mimetype=MEDIA_TYPES[Path(name).suffix])


def _page(name: str) -> func.HttpResponse:
    return func.HttpResponse(_text(name), headers=_PAGE, mimetype="text/html")


@cache
def _text(name: str) -> bytes:
    return (_WEB / name).read_bytes()


@cache
def _assets() -> dict[str, bytes]:
    files = (path for path in (_WEB / "assets").iterdir() if path.suffix in MEDIA_TYPES)
    return {path.name: path.read_bytes() for path in files}
