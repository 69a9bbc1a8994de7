"""Faults that a test asks for: a hub that is busy, an answer that is lost.

The emulator has them only where it was started with a file for them. Each line of the file is `busy HUB [TIMES]` or
`cut HUB [TIMES]`; without a number it is each time. The file is read again when it has changed.
"""

from collections.abc import Callable
from pathlib import Path

from local.eventhubs.senders import Delivery

_EACH_TIME = -1

Take = Callable[[Delivery], None]


class ServerBusyError(Exception):
    """The hub takes nothing now."""


class ConnectionCutError(ConnectionError):
    """The connection is to end before the sender is answered."""


class Faults:
    """Stands before what takes deliveries. Without a file it stands aside."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._read_at = 0
        self._left: dict[tuple[str, str], int] = {}

    def before(self, hub: str, take: Take) -> Take:
        """What takes a hub's deliveries, with its faults.

        It raises ServerBusyError instead of taking a delivery, or ConnectionCutError after it has taken one.
        """
        if self._file is None:
            return take

        def taking(delivery: Delivery) -> None:
            if self._strikes("busy", hub):
                raise ServerBusyError(f"{hub} was told to be busy")
            take(delivery)
            if self._strikes("cut", hub):
                raise ConnectionCutError(f"{hub} was told to cut connections")

        return taking

    def _strikes(self, fault: str, hub: str) -> bool:
        self._read_again()
        left = self._left.get((fault, hub.lower()), 0)
        if left > 0:
            self._left[fault, hub.lower()] = left - 1
        return left != 0

    def _read_again(self) -> None:
        if self._file is None or not self._file.exists():
            self._left, self._read_at = {}, 0
            return
        changed_at = self._file.stat().st_mtime_ns
        if changed_at != self._read_at:
            lines = map(str.split, self._file.read_text().splitlines())
            self._left = {
                (fault, hub.lower()): int(times[0]) if times else _EACH_TIME for fault, hub, *times in lines
            }
            self._read_at = changed_at
