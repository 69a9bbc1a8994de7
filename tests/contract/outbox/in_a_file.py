"""For state machines over an outbox: the same machine, with rows in a file."""

import tempfile
from pathlib import Path
from random import Random

from hypothesis.stateful import RuleBasedStateMachine

from shared.application.outbox.backoff import Backoff
from tests.servers.outbox_database import OutboxDatabase

SLOWNESS = 1_000


class SlowMotion(OutboxDatabase):
    """A second of a history is a thousand of the database's clock, which goes on while the history is played.

    So a lease ends, and a lane is due, when the history says so, and not when the machine is busy.
    """

    def __init__(self, url: str, *, lease_seconds: float = 15.0) -> None:
        backoff = Backoff(first_seconds=0.25 * SLOWNESS, cap_seconds=15 * SLOWNESS, random=Random(1))  # noqa: S311 repeatable on purpose
        super().__init__(url, lease_seconds=lease_seconds * SLOWNESS, backoff=backoff)

    def advance(self, seconds: float) -> None:
        super().advance(seconds * SLOWNESS)


class InAFile(RuleBasedStateMachine):
    """Stands before the machine in the list of bases; the file goes with the history."""

    def open_outbox(self) -> OutboxDatabase:
        self._folder = tempfile.TemporaryDirectory()
        self._database = SlowMotion(f"sqlite:///{Path(self._folder.name) / 'cinema.db'}")
        return self._database

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self._database.close()
            self._folder.cleanup()
