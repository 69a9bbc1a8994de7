"""A write store that breaks where it is told to, once, as a connection or a process does."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import event

from shared.application.command_context import CommandContext
from shared.application.errors import TransientFaultError
from shared.application.unit_of_work import UnitOfWork
from tests.servers.write_database import WriteDatabase

NO_FAULT = 0
AFTER_THE_COMMIT = -1
BEFORE_THE_COMMIT = -2
"""The other faults are positive: at which statement the connection breaks, counted over the units of work."""


class CrashingStore:
    """Begins units of work on a database. A fault that the commands do not get as far as has no effect."""

    def __init__(self, database: WriteDatabase) -> None:
        self._database = database
        self._fault = NO_FAULT
        event.listen(database.engine, "before_cursor_execute", self._at_a_statement)

    @contextmanager
    def breaking(self, fault: int) -> Generator[None]:
        """The fault lies in wait for what happens within."""
        self._fault = fault
        try:
            yield
        finally:
            self._fault = NO_FAULT

    @contextmanager
    def begin(self, context: CommandContext) -> Generator[UnitOfWork]:
        with self._database.begin(context) as unit:
            event.listen(cast(Any, unit)._session, "before_commit", self._at_a_commit)
            yield unit
        if self._fault == AFTER_THE_COMMIT:
            self._break("the answer was lost")

    def _at_a_statement(self, *_: object) -> None:
        """What the transaction has written so far is lost, or the product is not one transaction."""
        if self._fault == 1:
            self._break("the connection broke")
        if self._fault > 1:
            self._fault -= 1

    def _at_a_commit(self, _session: object) -> None:
        if self._fault == BEFORE_THE_COMMIT:
            self._break("the connection broke at the commit")

    def _break(self, how: str) -> None:
        self._fault = NO_FAULT
        raise TransientFaultError(how)
