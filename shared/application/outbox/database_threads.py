"""Blocking database calls from the event loop, on threads of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

from shared.application.outbox.errors import OutboxStoreUnavailableError

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class DatabaseThreads:
    """A pool of threads that one party alone uses, so that nobody else's slow database can use them up.

    A database that falls silent keeps its thread until the network gives up. Nobody waits for it that long: a run that did
    would never end, and all sinks with it.
    """

    def __init__(self, executor: Executor, *, answer_seconds: float) -> None:
        self._executor = executor
        self._answer_seconds = answer_seconds

    async def call(
        self, method: Callable[Parameters, Answer], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Answer:
        """Run a blocking method and await its answer. A wait that is cancelled or given up does not stop the method.

        Raises:
            OutboxStoreUnavailableError: there was no answer within `answer_seconds`; it may still be carried out.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await loop.run_in_executor(self._executor, partial(method, *args, **kwargs))
        except TimeoutError as error:
            raise OutboxStoreUnavailableError(f"no answer in {self._answer_seconds:g} s") from error
