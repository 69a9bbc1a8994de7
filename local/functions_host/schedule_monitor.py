"""What is kept of a timer between runs of the host: when it last ran and is due, and who may fire it.

In Azure both lie in the storage account: a status blob, and a lease that one instance holds.
"""

import asyncio
import fcntl
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_NEVER = datetime.min.replace(tzinfo=UTC)
_LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStatus:
    """When a timer was last due and ran (or never), when it is due next, and when this was written."""

    last: datetime = _NEVER
    next: datetime
    updated: datetime

    @property
    def since(self) -> datetime:
        """The moment after which the next tick counts."""
        return self.updated if self.last == _NEVER else self.last

    def payload(self) -> dict[str, str]:
        """As a function gets it."""
        return {
            "Last": self.last.isoformat(),
            "Next": self.next.isoformat(),
            "LastUpdated": self.updated.isoformat(),
        }


class ScheduleMonitor:
    """Keeps one timer's status in a file."""

    def __init__(self, folder: Path, *, function: str) -> None:
        self._file = folder / f"{function}.json"

    def read(self) -> ScheduleStatus | None:
        """The status; None before the first."""
        try:
            stored: dict[str, str] = json.loads(self._file.read_text())
        except FileNotFoundError:
            return None
        return ScheduleStatus(
            last=datetime.fromisoformat(stored["Last"]),
            next=datetime.fromisoformat(stored["Next"]),
            updated=datetime.fromisoformat(stored["LastUpdated"]),
        )

    def write(self, status: ScheduleStatus) -> None:
        """Keep the status."""
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(status.payload()))
        draft.replace(self._file)


class TimerLock:
    """Lets one process fire a timer; it is free again when its holder ends, however it ends."""

    def __init__(self, folder: Path, *, function: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(folder / f"{function}.lock", os.O_RDWR | os.O_CREAT, 0o600)

    async def acquire(self) -> None:
        """Wait until no other process holds it. The operating system gives it back when this one ends."""
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
            else:
                return
