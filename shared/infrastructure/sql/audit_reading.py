"""What those have in common who look at both databases: how an event's row is read, and how a database fails."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.application.audit.ports import StationUnreadableError
from shared.application.audit.records import RecordedEvent
from shared.contracts.envelope import with_sequence


@contextmanager
def station_transaction(engine: Engine, *, station: str) -> Generator[Connection]:
    """A transaction of somebody who audits, traces or repairs.

    Raises:
        StationUnreadableError: the database does not answer, lacks a table, or has a value that is none of its type.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StationUnreadableError(station, str(error.orig)) from error
    except (SQLAlchemyError, ValueError) as error:
        raise StationUnreadableError(station, str(error)) from error


def recorded(row: Row[*tuple[Any, ...]], *, body: str) -> RecordedEvent:
    """A row of `OutboxMessages` or of `EventLog`, whose columns have the same names."""
    return RecordedEvent(
        place=row.Id,
        event_id=row.EventId,
        stream_id=row.StreamId,
        sequence=row.Sequence,
        aggregate_type=row.AggregateType,
        aggregate_id=row.AggregateId,
        version=row.Version,
        type=row.Type,
        body=body,
        occurred_at=row.OccurredAt,
    )


def published_body(row: Row[*tuple[Any, ...]]) -> str:
    """A message as it is published; a payload that is not even the text of an object stays as it is, to be named."""
    try:
        return with_sequence(row.Payload, sequence=row.Sequence)
    except ValueError:
        return row.Payload
