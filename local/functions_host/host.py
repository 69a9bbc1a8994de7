"""The host: which functions run, how they start and how they stop."""

import asyncio
import logging
import signal
import socket
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from local.functions_host.app import LoadedFunction, load_functions
from local.functions_host.configuration import (
    HostConfiguration,
    is_disabled,
    load_host_configuration,
    worker_threads,
)
from local.functions_host.errors import HostError
from local.functions_host.host_endpoints import HostEndpoints, StartByHand
from local.functions_host.http_trigger import HttpTrigger
from local.functions_host.invocation import FunctionTimeoutError, Invoker
from local.functions_host.keys import HostKeys
from local.functions_host.local_settings import apply_local_settings
from local.functions_host.routing import Router
from local.functions_host.timer_trigger import TimerTrigger

if TYPE_CHECKING:
    from local.functions_host.eventhub_trigger import EventHubTrigger

_STOP_SECONDS = 10.0
_INTERRUPTED_STOP_SECONDS = 2.0
_STATUS_FOLDER, _KEYS_FILE = "timers", "secrets/host.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """What `start` was told. `only` names the functions to run; none means all. A None is for local.settings.json."""

    root: Path
    address: str
    port: int | None
    cors: str | None
    only: frozenset[str]
    asks_for_keys: bool
    verbose: bool
    state: Path


class _Server(uvicorn.Server):
    """Leaves signals to the host."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


class Host:
    """One process's functions."""

    def __init__(self, options: StartOptions) -> None:
        """Load the app and check all of it before anything runs.

        Raises:
            HostError: the app or its configuration is refused.
        """
        self._local = apply_local_settings(options.root / "local.settings.json")
        self._options = options
        self._port = self._local.port if options.port is None else options.port
        self._stop = asyncio.Event()
        self._stop_seconds = _STOP_SECONDS
        self._timeout: FunctionTimeoutError | None = None
        self._configuration = load_host_configuration(options.root / "host.json")
        _set_up_logging(self._configuration, verbose=options.verbose)
        functions = load_functions(options.root)
        unknown = options.only - {function.name for function in functions}
        if unknown:
            raise HostError(f"there is no function {min(unknown)}")
        self._functions = [f for f in functions if not options.only or f.name in options.only]
        self._enabled = [function for function in self._functions if not is_disabled(function.name)]
        self._router = Router(self._of("httpTrigger"), prefix=self._configuration.route_prefix)

    def _of(self, trigger: str) -> list[LoadedFunction]:
        return [function for function in self._enabled if function.trigger == trigger]

    async def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C.

        Raises:
            HostError: the port is taken, or a trigger's configuration is refused.
            FunctionTimeoutError: a function ran for too long; nothing else may go on in this process.
        """
        invoker = Invoker(
            threads=worker_threads(),
            timeout_seconds=self._configuration.function_timeout,
            on_timeout=self._time_out,
        )
        timers = [
            TimerTrigger(function, invoker=invoker, state=self._options.state / _STATUS_FOLDER)
            for function in self._of("timerTrigger")
        ]
        hubs = self._event_hubs(invoker)
        start = {trigger.name: trigger.start_by_hand for trigger in (*timers, *hubs)}
        listener = _listen(self._options.address, self._port)
        self._announce()
        for signum in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signum, self._ask_to_stop, signum)
        tasks = [asyncio.create_task(trigger.run()) for trigger in (*timers, *hubs)]
        server = _server(self._answering(invoker, start=start))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await self._stop.wait()
        if self._timeout is not None:
            raise self._timeout
        for trigger in (*timers, *hubs):
            trigger.stop()
        server.should_exit = True
        await asyncio.wait({serving}, timeout=self._stop_seconds)
        await invoker.wait_until_idle(seconds=self._stop_seconds)
        for task in tasks:
            task.cancel()

    def _ask_to_stop(self, signum: signal.Signals) -> None:
        """Who presses Ctrl-C waits less for what runs still than whoever sends SIGTERM."""
        if signum == signal.SIGINT:
            self._stop_seconds = _INTERRUPTED_STOP_SECONDS
        self._stop.set()

    def _time_out(self, failure: FunctionTimeoutError) -> None:
        self._timeout = failure
        self._stop.set()

    def _answering(self, invoker: Invoker, *, start: Mapping[str, StartByHand]) -> ASGIApp:
        """What answers HTTP: functions, then the host itself, and before both what browsers ask about origins."""
        keys = HostKeys.open(self._options.state / _KEYS_FILE) if self._options.asks_for_keys else None
        endpoints = HostEndpoints(self._functions, start=start, keys=keys)
        functions = HttpTrigger(self._router, invoker=invoker, keys=keys, otherwise=endpoints)
        origins = self._local.cors if self._options.cors is None else self._options.cors
        return _with_cors(functions, origins=origins, credentials=self._local.cors_credentials)

    def _event_hubs(self, invoker: Invoker) -> "list[EventHubTrigger]":
        functions = self._of("eventHubTrigger")
        if not functions:
            return []
        from local.functions_host.eventhub_trigger import EventHubTrigger  # noqa: PLC0415 # half a second

        return [
            EventHubTrigger(
                function, configuration=self._configuration, invoker=invoker, state=self._options.state
            )
            for function in functions
        ]

    def _announce(self) -> None:
        print("\nFunctions:\n")
        for function in self._functions:
            print(f"        {function.name}: {self._description(function)}")
        print(flush=True)

    def _description(self, function: LoadedFunction) -> str:
        if function not in self._enabled:
            return "disabled"
        if function.trigger != "httpTrigger":
            return function.trigger
        route = next(route for route in self._router.routes if route.function is function)
        methods = ",".join(sorted(route.methods)) or "ANY"
        return f"[{methods}] http://localhost:{self._port}/{route.template}"


def _server(application: ASGIApp) -> _Server:
    return _Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=int(_STOP_SECONDS),
        )
    )


def _with_cors(application: ASGIApp, *, origins: str, credentials: bool) -> ASGIApp:
    allowed = [origin.strip() for origin in origins.split(",") if origin.strip()]
    if not allowed:
        return application
    if credentials and "*" in allowed:
        raise HostError("CORSCredentials can't be with CORS of *")
    return CORSMiddleware(
        application,
        allow_origins=allowed,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_credentials=credentials,
    )


def _listen(address: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((address, port), backlog=1024)
    except OSError as error:
        raise HostError(f"Port {port} is unavailable: {error.strerror}") from error
    # asyncio does this only for sockets that name their protocol; without it an answer waits for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _set_up_logging(configuration: HostConfiguration, *, verbose: bool) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else configuration.log_level("default"),
        format="[%(asctime)s] %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("Function").setLevel(logging.DEBUG if verbose else configuration.log_level("Function"))
    for chatty in ("azure", "uvicorn", "httpx"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
