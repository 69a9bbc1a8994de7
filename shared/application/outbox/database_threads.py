"""Blocking database calls from the event loop, on threads of their own."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class DatabaseThreads:
    """A pool of threads that one party alone uses, so that nobody else's slow database can use them up."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def call(
        self, method: Callable[Parameters, Answer], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Awaitable[Answer]:
        """Run a blocking method and await its answer. A cancelled wait does not stop the method."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._executor, partial(method, *args, **kwargs))
