"""The host: which functions run, how they start and how they stop."""

import asyncio
import logging
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from local.functions_host.app import LoadedFunction, load_functions
from local.functions_host.configuration import (
    HostConfiguration,
    apply_local_settings,
    is_disabled,
    load_host_configuration,
    worker_threads,
)
from local.functions_host.errors import HostError
from local.functions_host.http_trigger import HttpTrigger
from local.functions_host.invocation import Invoker
from local.functions_host.routing import Router
from local.functions_host.timer_trigger import TimerTrigger

if TYPE_CHECKING:
    from local.functions_host.eventhub_trigger import EventHubTrigger

_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """What `start` was told. `only` names the functions to run; none means all."""

    root: Path
    address: str
    port: int
    only: frozenset[str]
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
        apply_local_settings(options.root / "local.settings.json")
        self._options = options
        self._configuration = load_host_configuration(options.root / "host.json")
        _set_up_logging(self._configuration)
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
        """
        invoker = Invoker(threads=worker_threads())
        timers = [TimerTrigger(function, invoker=invoker) for function in self._of("timerTrigger")]
        listener = _listen(self._options.address, self._options.port)
        self._announce()
        stop = asyncio.Event()
        for signum in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signum, stop.set)
        tasks = [asyncio.create_task(timer.run()) for timer in timers]
        hubs = self._event_hubs(invoker)
        tasks += [asyncio.create_task(hub.run()) for hub in hubs]
        server = _Server(
            uvicorn.Config(
                HttpTrigger(self._router, invoker=invoker),
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=int(_STOP_SECONDS),
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await stop.wait()
        for trigger in (*timers, *hubs):
            trigger.stop()
        server.should_exit = True
        await asyncio.wait({serving}, timeout=_STOP_SECONDS)
        await invoker.wait_until_idle(seconds=_STOP_SECONDS)
        for task in tasks:
            task.cancel()

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
        return f"[{methods}] http://localhost:{self._options.port}/{route.template}"


def _listen(address: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((address, port), backlog=1024)
    except OSError as error:
        raise HostError(f"Port {port} is unavailable: {error.strerror}") from error
    # asyncio does this only for sockets that name their protocol; without it an answer waits for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _set_up_logging(configuration: HostConfiguration) -> None:
    logging.basicConfig(
        level=configuration.log_level("default"), format="[%(asctime)s] %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("Function").setLevel(configuration.log_level("Function"))
    for chatty in ("azure", "uvicorn", "httpx"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
