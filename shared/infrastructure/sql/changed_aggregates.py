"""What a unit of work has written so far, and how it notices that somebody else wrote first."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Table, Update, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.application.errors import ConcurrentWriteError
from shared.domain.aggregate import Aggregate, DomainEvent


class ChangedAggregates:
    """The aggregates that were added or saved, in that order; their events are published in the same order."""

    def __init__(self) -> None:
        """Nothing has changed yet."""
        self._changed: list[Aggregate[Any]] = []

    def note(self, aggregate: Aggregate[Any]) -> None:
        """Remember an aggregate whose row has been written."""
        self._changed.append(aggregate)

    @property
    def events(self) -> Sequence[DomainEvent[Any]]:
        """Everything that has happened in the unit of work."""
        return [event for aggregate in self._changed for event in aggregate.new_events]


def rows_written(session: Session, statement: Update) -> int:
    """Run an update; answer how many rows it found."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


@contextmanager
def newborn() -> Generator[None]:
    """Inserts of something new within; that it is there already means that somebody else was faster.

    Raises:
        ConcurrentWriteError: a key was taken.
    """
    try:
        yield
    except IntegrityError as error:
        raise ConcurrentWriteError("inserted by somebody else") from error


def update_if_unchanged(
    session: Session,
    *,
    table: Table,
    key: ColumnElement[bool],
    aggregate: Aggregate[Any],
    values: dict[str, object],
) -> None:
    """Write an aggregate's row if it still has the version that the aggregate was restored with.

    Raises:
        ConcurrentWriteError: it has another one.
    """
    statement = (
        update(table)
        .where(key, table.c.Version == aggregate.stored_version)
        .values(**values, Version=aggregate.state.version)
    )
    if rows_written(session, statement) != 1:
        raise ConcurrentWriteError(f"{table.name}: version {aggregate.stored_version} is gone")
