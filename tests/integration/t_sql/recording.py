"""Every statement that the product sends, as SQL Server would be sent it: recorded while it works on SQLite."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Delete, Engine, Insert, Select, Update, event
from sqlalchemy.dialects import mssql
from sqlalchemy.engine.interfaces import Dialect

from shared.infrastructure.sql import outbox_tables
from shared.infrastructure.sql.outbox_writer_sql_server import APPEND_AND_COMPLETE_SQL

DIALECT = cast(Dialect, mssql.dialect())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] set at run time
_APPENDED_IN_ONE_BATCH = {outbox_tables.messages, outbox_tables.deliveries}

REPAIR = "repair"
"""What is being done when the outbox's rows are inserted one by one."""

Parameters = Mapping[str, Any]
Statement = Select[Any] | Insert | Update | Delete


@dataclass
class Recording:
    """Statements in the order in which they were first sent, each under what was being done then."""

    statements: dict[str, str] = field(default_factory=dict[str, str])
    doing: str = ""

    @contextmanager
    def listening(self, *engines: Engine) -> Generator[None]:
        """Record what the engines are given to execute."""
        listeners = [(engine, self._listener()) for engine in engines]
        for engine, listener in listeners:
            event.listen(engine, "before_execute", listener)
        yield
        for engine, listener in listeners:
            event.remove(engine, "before_execute", listener)

    def _listener(self) -> Callable[..., None]:
        def note(_connection: object, statement: Any, many: Sequence[Parameters], *_: object) -> None:
            if isinstance(statement, Select | Insert | Update | Delete):
                self._note(cast(Statement, statement), names=list(many[0]) if many else None)

        return note

    def _note(self, statement: Statement, *, names: Sequence[str] | None) -> None:
        if self.doing != REPAIR and _is_part_of_the_append(statement):
            text = APPEND_AND_COMPLETE_SQL.strip()
        else:
            columns = names if isinstance(statement, Insert) else None
            compiled = statement.compile(
                dialect=DIALECT, column_keys=columns, compile_kwargs={"render_postcompile": True}
            )
            text = "\n".join(line.rstrip() for line in str(compiled).splitlines())
        self.statements.setdefault(text, self.doing)

    def as_script(self) -> str:
        """The statements with what they are for, to be read and approved by a person."""
        return "\n".join(f"-- {doing}\n{text.rstrip(';')};\n" for text, doing in self.statements.items())


def _is_part_of_the_append(statement: Statement) -> bool:
    """On SQLite the append is several statements; on SQL Server one batch."""
    if isinstance(statement, Insert):
        return statement.table in _APPENDED_IN_ONE_BATCH
    return isinstance(statement, Update) and statement.table is outbox_tables.streams
