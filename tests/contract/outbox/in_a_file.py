"""For state machines over an outbox: the same machine, with rows in a file."""

import tempfile
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine

from tests.servers.outbox_database import OutboxDatabase


class InAFile(RuleBasedStateMachine):
    """Stands before the machine in the list of bases; the file goes with the history."""

    def open_outbox(self) -> OutboxDatabase:
        self._folder = tempfile.TemporaryDirectory()
        self._database = OutboxDatabase(f"sqlite:///{Path(self._folder.name) / 'cinema.db'}")
        return self._database

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self._database.close()
            self._folder.cleanup()
