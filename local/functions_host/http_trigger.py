"""The HTTP side: requests to functions and their answers back, over ASGI."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import azure.functions as func
from azure.functions.meta import Datum
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.functions_host.host_endpoints import HostEndpoints
from local.functions_host.invocation import Invoker, text_datum
from local.functions_host.keys import HostKeys, auth_level
from local.functions_host.routing import Router

_LOG = logging.getLogger("Function")
_MAX_BODY_BYTES = 100 * 1024 * 1024
_registry = cast(Any, func.get_binding_registry())
_REQUESTS, _RESPONSES = _registry.get("httpTrigger"), _registry.get("http")


class HttpTrigger:
    """An ASGI application that calls functions. Without `keys` auth levels mean nothing, as in `func start`."""

    def __init__(
        self, router: Router, *, invoker: Invoker, keys: HostKeys | None, otherwise: HostEndpoints
    ) -> None:
        self._keys = keys
        self._otherwise = otherwise
        self._router = router
        self._invoker = invoker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        # Not `url.path`: a URL made of decoded text loses line breaks, and ends at what was an escaped `?`.
        found = self._router.find(request.method, request.scope["path"])
        if found is None:
            return await self._otherwise.answer(request)
        function, parameters = found
        if self._keys and not self._keys.allow(
            auth_level(function.binding), headers=request.headers, query=request.query_params
        ):
            return Response(status_code=401)
        length = int(request.headers.get("content-length") or 0)
        if length > _MAX_BODY_BYTES:
            return Response(status_code=413)
        body = await request.body() if length > 0 else b""
        argument = _decode(request, body, parameters=parameters)
        trace = {
            name: request.headers[name] for name in ("traceparent", "tracestate") if name in request.headers
        }
        reason = "This function was programmatically called via the host APIs."
        with suppress(Exception):  # logged by the invoker; the host answers any failure the same way
            result = await self._invoker.invoke(function, argument, reason=reason, trace=trace)
            return _encode(result, function=function.name)
        return Response(status_code=500)


def _texts(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: text_datum(value) for name, value in values.items()}


def _decode(request: Request, body: bytes, *, parameters: dict[str, str]) -> Any:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    query = {name: value for name, value in request.query_params.items() if value}
    data = {
        "method": text_datum(request.method),
        "url": text_datum(str(request.url)),
        "headers": _texts(headers),
        "query": _texts(query),
        "params": _texts(parameters),
        "body": Datum(body, "bytes"),
    }
    return _REQUESTS.decode(Datum(data, "http"), trigger_metadata={})


def _encode(result: object, *, function: str) -> Response:
    """Only an HttpResponse or text may be returned; anything else is a failure."""
    if not isinstance(result, func.HttpResponse | str):
        _LOG.error("Functions.%s returned %s, not an HttpResponse or text", function, type(result).__name__)
        return Response(status_code=500)
    encoded = _RESPONSES.encode(result, expected_type=None)
    if encoded.type == "string":
        return Response(encoded.value, media_type="text/plain; charset=utf-8")
    answer = encoded.value
    response = Response(answer["body"].value, status_code=int(answer["status_code"].value))
    for name, value in answer["headers"].items():
        response.headers[name] = value.value
    for cookies in answer["cookies"] or ():
        for morsel in cookies.values():
            response.headers.append("set-cookie", morsel.OutputString())
    return response
