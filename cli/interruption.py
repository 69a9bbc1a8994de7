"""Ctrl-C that ends a command between two looks.

Python raises KeyboardInterrupt wherever it happens to be, and a driver that has called it back, or a finaliser, may lose it.
"""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def interruption() -> Generator[Event]:
    """Is set by the first Ctrl-C; a second one ends the process at once."""
    interrupted = Event()

    def note(signum: int, frame: FrameType | None) -> None:
        del frame
        interrupted.set()
        signal.signal(signum, signal.SIG_DFL)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
