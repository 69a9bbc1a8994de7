"""What the host itself answers: its home page, and under /admin what functions there are and starting one by hand."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.functions_host.app import LoadedFunction
from local.functions_host.configuration import is_disabled, is_true
from local.functions_host.keys import HostKeys

StartByHand = Callable[[str], Awaitable[None]]
"""Runs a function once, with an input that a person gave."""

_ADMIN = "/admin/"


class HostEndpoints:
    """Answers requests that no function answers. `start` has the functions that can be started by hand."""

    def __init__(
        self,
        functions: Sequence[LoadedFunction],
        *,
        start: Mapping[str, StartByHand],
        keys: HostKeys | None,
    ) -> None:
        self._functions = functions
        self._start = {name.lower(): by_hand for name, by_hand in start.items()}
        self._keys = keys
        self._since = time.monotonic()
        self._running: set[asyncio.Task[None]] = set()

    async def answer(self, request: Request) -> Response:
        """Answer a request; what is not the host's either is 404."""
        path: str = request.scope["path"]
        if path == "/":
            return _home_page()
        if not path.lower().startswith(_ADMIN):
            return Response(status_code=404)
        if self._keys and not self._keys.allow("admin", headers=request.headers, query=request.query_params):
            return Response(status_code=401)
        return await self._administer(request, path.lower().removeprefix(_ADMIN).rstrip("/"))

    async def _administer(self, request: Request, path: str) -> Response:
        match (request.method, path.split("/")):
            case ("GET", ["functions"]):
                return JSONResponse([_description(function) for function in self._functions])
            case ("GET", ["host", "ping"]):
                return Response()
            case ("GET", ["host", "status"]):
                uptime = int((time.monotonic() - self._since) * 1000)
                return JSONResponse({"id": "local", "state": "Running", "processUptime": uptime})
            case ("POST", ["functions", name]):
                return await self._start_function(name, request)
            case _:
                return Response(status_code=404)

    async def _start_function(self, name: str, request: Request) -> Response:
        function = next((each for each in self._functions if each.name.lower() == name), None)
        if function is None:
            return Response(status_code=404)
        if name not in self._start:
            return Response(f"{function.name} can't be started by hand on the local host", status_code=501)
        try:
            content: Any = await request.json()
            given = content.get("input") or ""
        except (ValueError, AttributeError):
            return Response(status_code=400)
        if not isinstance(given, str):
            return Response(status_code=400)
        self._begin(self._start[name](given))
        return Response(status_code=202)

    def _begin(self, run: Awaitable[None]) -> None:
        """Run it behind the answer. A failure is in the log already."""

        async def begun() -> None:
            with suppress(Exception):
                await run

        task = asyncio.create_task(begun())
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _home_page() -> Response:
    if is_true("AzureWebJobsDisableHomepage"):
        return Response(status_code=204)
    return Response("<h1>Your Functions app is up and running</h1>", media_type="text/html")


def _description(function: LoadedFunction) -> dict[str, Any]:
    binding = {"type": function.trigger, "name": function.argument, "direction": "in"}
    return {
        "name": function.name,
        "isDisabled": is_disabled(function.name),
        "config": {"bindings": [binding]},
    }
