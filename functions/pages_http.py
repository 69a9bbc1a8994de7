"""The pages, and the files that they load. All lie in `web/`.

A page loads nothing from anywhere else, and its content security policy says so.
"""

from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

import azure.functions as func

from functions.problems import refusals_as_problems
from functions.request_headers import header
from shared.application.errors import NotFoundError

bp = func.Blueprint()

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What an asset may be, by the end of its name."""

_WEB = Path(__file__).parents[1] / "web"
_LONGEST_NAME_TOLD = 100


class _File(NamedTuple):
    """What a browser may keep, and the tag by which it asks whether it still may."""

    content: bytes
    tag: str

    @classmethod
    def read(cls, path: Path) -> "_File":
        content = path.read_bytes()
        return cls(content, f'"{sha256(content).hexdigest()[:32]}"')


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
    return _page(req, "booking.html")


@bp.route("ops", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def operations_page(req: func.HttpRequest) -> func.HttpResponse:
    """Where operators look at the pipeline."""
    return _page(req, "operations.html")


@bp.route("api/docs", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def docs_page(req: func.HttpRequest) -> func.HttpResponse:
    """The OpenAPI document, readable."""
    return _page(req, "docs.html")


@bp.route("assets/{name}", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def asset(req: func.HttpRequest) -> func.HttpResponse:
    """A style sheet, a script or a picture of `web/assets`. Names are looked up, never made into paths."""
    name = req.route_params["name"]
    file = _assets().get(name)
    if file is None:
        raise NotFoundError("asset", name[:_LONGEST_NAME_TOLD])
    return _answer(req, file, headers=_ASSET, media_type=MEDIA_TYPES[Path(name).suffix])


def _page(req: func.HttpRequest, name: str) -> func.HttpResponse:
    return _answer(req, _html(name), headers=_PAGE, media_type="text/html")


def _answer(
    req: func.HttpRequest, file: _File, *, headers: dict[str, str], media_type: str
) -> func.HttpResponse:
    """The file, or that the one which the browser has is still it: always asked, seldom sent."""
    tagged = {**headers, "ETag": file.tag}
    kept = header(req, "if-none-match") or ""
    if file.tag in kept.replace("W/", "").split(", "):
        return func.HttpResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=tagged, mimetype=media_type)
    return func.HttpResponse(file.content, headers=tagged, mimetype=media_type)


@cache
def _html(name: str) -> _File:
    return _File.read(_WEB / name)


@cache
def _assets() -> dict[str, _File]:
    files = (path for path in (_WEB / "assets").iterdir() if path.suffix in MEDIA_TYPES)
    return {path.name: _File.read(path) for path in files}
