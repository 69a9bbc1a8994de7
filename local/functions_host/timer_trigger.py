"""Timers: one run at a time, armed again when it ends; missed ticks become one run."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import azure.functions as func
from azure.functions.meta import Datum

from local.functions_host.app import LoadedFunction
from local.functions_host.configuration import expand
from local.functions_host.invocation import Invoker
from local.functions_host.schedule import Schedule

_DECODER = cast(Any, func.get_binding_registry()).get("timerTrigger")
_LATE = timedelta(seconds=1)


class TimerTrigger:
    """Fires one timer function."""

    def __init__(self, function: LoadedFunction, *, invoker: Invoker) -> None:
        """Read the function's schedule.

        Raises:
            HostError: Azure would not take it.
        """
        self._function = function
        self._invoker = invoker
        text = expand(str(function.binding["schedule"]), what=function.name)
        self._schedule = Schedule(text, function=function.name)
        self._stopping = False

    async def run(self) -> None:
        """Fire until it is stopped. A failing function is logged by the invoker and stops nothing."""
        due = datetime.now(UTC) if self._function.binding.get("runOnStartup") else self._next()
        while not self._stopping:
            wait = (due - datetime.now(UTC)).total_seconds()
            if wait > 0:
                await asyncio.sleep(wait)
            if self._stopping:
                return
            await self._fire(past_due=datetime.now(UTC) - due > _LATE)
            due = max(self._schedule.after(due), self._schedule.after(datetime.now(UTC) - _LATE))

    def stop(self) -> None:
        """Fire no more."""
        self._stopping = True

    def _next(self) -> datetime:
        return self._schedule.after(datetime.now(UTC))

    async def _fire(self, *, past_due: bool) -> None:
        payload = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": past_due}
        argument = _DECODER.decode(Datum(json.dumps(payload), "json"), trigger_metadata={})
        with suppress(Exception):  # logged by the invoker; the next tick comes all the same
            await self._invoker.invoke(
                self._function, argument, reason=f"Timer fired at {datetime.now(UTC).isoformat()}"
            )
