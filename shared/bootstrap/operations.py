"""What operators do with the outbox, wired: for the functions and for the command line."""

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Engine

from shared.application.outbox.dead_letters import DeadLetters
from shared.application.outbox.status import OutboxStatusReader
from shared.bootstrap.engines import outbox_engine
from shared.infrastructure.sql.dead_letters import SqlDeadLetters
from shared.infrastructure.sql.outbox_status import SqlOutboxStatus
from shared.settings import OperationsSettings, load

_CONNECTIONS = 2
"""Operators are few, and commands shall have the database's connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """The outbox as operators see it. A request to them may have a body of `max_body_bytes`."""

    outbox: OutboxStatusReader
    dead_letters: DeadLetters
    max_body_bytes: int


def operations_on(engine: Engine, *, max_body_bytes: int) -> Operations:
    """The operations on an engine, which connects when it is needed."""
    return Operations(
        outbox=SqlOutboxStatus(engine), dead_letters=SqlDeadLetters(engine), max_body_bytes=max_body_bytes
    )


def build_operations(settings: OperationsSettings) -> Operations:
    """The operations for some settings, on an engine of their own.

    Raises:
        SettingsError: the URL names no database that this product speaks, or whose driver is on this machine.
        OutboxNotMigratedError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    engine = outbox_engine(settings, pool_size=_CONNECTIONS)
    return operations_on(engine, max_body_bytes=settings.max_body_bytes)


@lru_cache(maxsize=1)
def operations() -> Operations:
    """The operations of this process, built on first use from the environment.

    Raises:
        SettingsError: a variable is missing or refused.
        OutboxNotMigratedError: see `build_operations`.
    """
    return build_operations(load(OperationsSettings))
