"""Calling a function: its context, its thread or the loop, and the two log lines."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from azure.functions.meta import Datum

from local.functions_host.app import LoadedFunction

_LOG = logging.getLogger("Function")


class ReturnValueError(Exception):
    """A function without an output binding returned something."""


class Context(SimpleNamespace):
    """What a function gets as `context: func.Context`."""


class FunctionTimeoutError(Exception):
    """A function ran for longer than functionTimeout. Azure ends the worker then, and what else runs in it."""


class Invoker:
    """Runs functions and counts those that run, so that a stop can wait for them.

    `on_timeout` is called, with the reason, when a function has run for longer than `timeout_seconds`.
    """

    def __init__(
        self,
        *,
        threads: int,
        timeout_seconds: float | None,
        on_timeout: Callable[[FunctionTimeoutError], None],
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._on_timeout = on_timeout
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def invoke(
        self,
        function: LoadedFunction,
        argument: object,
        *,
        reason: str,
        invocation_id: str | None = None,
        retry: tuple[int, int] | None = None,
        trace: Mapping[str, str] | None = None,
    ) -> Any:
        """Call a function and answer what it returned; `retry` is (attempt, attempts at most).

        Raises:
            Exception: whatever the function raises, after it has been logged.
        """
        identity = invocation_id or str(uuid4())
        arguments: dict[str, object] = {function.argument: argument}
        if function.takes_context:
            arguments["context"] = _context(function, identity, retry=retry, trace=trace or {})
        _LOG.info("Executing 'Functions.%s' (Reason='%s', Id=%s)", function.name, reason, identity)
        started = time.monotonic()
        outcome = "Failed"
        self._running += 1
        self._idle.clear()
        try:
            result = await self._call_in_time(function, arguments)
            _require_nothing(result, function=function)
            outcome = "Succeeded"
        except Exception:
            _LOG.exception(
                "Exception while executing function: Functions.%s (Id=%s)", function.name, identity
            )
            raise
        else:
            return result
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
            took = (time.monotonic() - started) * 1000
            _LOG.info(
                "Executed 'Functions.%s' (%s, Id=%s, Duration=%.0fms)", function.name, outcome, identity, took
            )

    async def _call_in_time(self, function: LoadedFunction, arguments: dict[str, object]) -> Any:
        limit = asyncio.timeout(self._timeout_seconds)
        try:
            async with limit:
                return await self._call(function, arguments)
        except TimeoutError as error:
            if not limit.expired():
                raise  # the function's own
            failure = FunctionTimeoutError(
                f"Functions.{function.name} ran for longer than functionTimeout, {self._timeout_seconds:g} s"
            )
            self._on_timeout(failure)
            raise failure from error

    async def _call(self, function: LoadedFunction, arguments: dict[str, object]) -> Any:
        if function.is_async:
            return await function.handler(**arguments)
        loop = asyncio.get_running_loop()
        context = copy_context()
        return await loop.run_in_executor(self._threads, lambda: context.run(function.handler, **arguments))

    async def wait_until_idle(self, *, seconds: float) -> bool:
        """Wait for running functions; answers whether all have ended."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


def _require_nothing(result: object, *, function: LoadedFunction) -> None:
    if result is not None and function.trigger != "httpTrigger":
        raise ReturnValueError(f"{function.name} returned {type(result).__name__}, it must return nothing")


def _context(
    function: LoadedFunction, identity: str, *, retry: tuple[int, int] | None, trace: Mapping[str, str]
) -> Context:
    retry_context = None
    if retry is not None:
        retry_context = SimpleNamespace(retry_count=retry[0], max_retry_count=retry[1], exception=None)
    return Context(
        function_name=function.name,
        function_directory=".",
        invocation_id=identity,
        trace_context=SimpleNamespace(
            trace_parent=trace.get("traceparent"), trace_state=trace.get("tracestate"), attributes={}
        ),
        retry_context=retry_context,
    )


def text_datum(value: str) -> Datum:
    """A string as the host hands it to the worker's decoders."""
    return Datum(value, "string")
