"""Timers: one run at a time, armed again when it ends; missed ticks become one run, even those missed between two starts."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import azure.functions as func
from azure.functions.meta import Datum

from local.functions_host.app import LoadedFunction
from local.functions_host.configuration import expand
from local.functions_host.invocation import Invoker
from local.functions_host.schedule import Schedule
from local.functions_host.schedule_monitor import ScheduleMonitor, ScheduleStatus, TimerLock

_DECODER = cast(Any, func.get_binding_registry()).get("timerTrigger")
_LATE = timedelta(seconds=1)


class TimerTrigger:
    """Fires one timer function."""

    def __init__(self, function: LoadedFunction, *, invoker: Invoker, state: Path) -> None:
        """Read the function's schedule. `state` is where timers keep when they ran.

        Raises:
            HostError: Azure would not take it.
        """
        self._function = function
        self._invoker = invoker
        text = expand(str(function.binding["schedule"]), what=function.name)
        self._schedule = Schedule(text, function=function.name)
        self._lock = TimerLock(state, function=function.name)
        self._monitor: ScheduleMonitor | None = None
        if function.binding.get("useMonitor", True) and not self._schedule.is_frequent():
            self._monitor = ScheduleMonitor(state, function=function.name)
        self._stopping = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self._function.name

    async def run(self) -> None:
        """Fire until it is stopped. A failing function is logged by the invoker and stops nothing."""
        await self._lock.acquire()
        due = self._first_due()
        while not self._stopping:
            wait = (due - datetime.now(UTC)).total_seconds()
            if wait > 0:
                await asyncio.sleep(wait)
            if self._stopping:
                return
            now = datetime.now(UTC)
            late = now - due > _LATE
            await self._fire(past_due=late)
            last = now if late else due  # a late run stands for all ticks that were missed
            due = max(self._schedule.after(due), self._schedule.after(datetime.now(UTC) - _LATE))
            self._note(last=last, due=due)

    def stop(self) -> None:
        """Fire no more."""
        self._stopping = True

    async def start_by_hand(self, _: str) -> None:
        """Fire now, beside the schedule. The input means nothing to a timer."""
        await self._fire(past_due=False)

    def _first_due(self) -> datetime:
        """Now, if it is to run at the start; at once, if a tick was missed while no host ran; else the next tick."""
        now = datetime.now(UTC)
        status = self._monitor.read() if self._monitor else None
        due = self._schedule.after(status.since if status else now)
        if status is None and self._monitor:
            self._monitor.write(ScheduleStatus(next=due, updated=now))
        return min(due, now) if self._function.binding.get("runOnStartup") else due

    def _note(self, *, last: datetime, due: datetime) -> None:
        if self._monitor:
            self._monitor.write(ScheduleStatus(last=last, next=due, updated=datetime.now(UTC)))

    async def _fire(self, *, past_due: bool) -> None:
        status = self._monitor.read() if self._monitor else None
        payload = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status.payload() if status else None,
            "IsPastDue": past_due,
        }
        argument = _DECODER.decode(Datum(json.dumps(payload), "json"), trigger_metadata={})
        with suppress(Exception):  # logged by the invoker; the next tick comes all the same
            await self._invoker.invoke(
                self._function, argument, reason=f"Timer fired at {datetime.now(UTC).isoformat()}"
            )
