"""A write database for tests: any of the dialects, its tables made, and looked into from outside."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Table, func, select, text
from sqlalchemy.engine import Row

from shared.application.outbox.messages import NewMessage
from shared.application.outbox.routing import sinks_of
from shared.infrastructure.sql import outbox_tables
from shared.infrastructure.sql.engine import create_database_engine, for_reading
from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.unit_of_work import SqlUnitsOfWork
from shared.infrastructure.sql.write_tables import reservation_seats, reservations


class WriteDatabase:
    """The business and the outbox tables on an engine of its own."""

    def __init__(self, url: str, *, lock_wait_seconds: float = 20.0) -> None:
        self.url = url
        self.engine = create_database_engine(url, lock_wait_seconds=lock_wait_seconds, pool_size=24)
        write_metadata.create_all(self.engine)
        self.begin = SqlUnitsOfWork(self.engine).begin

    def rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[Any]]:
        """What is committed."""
        with for_reading(self.engine).connect() as connection:
            return connection.execute(query).all()

    def count(self, table: Table) -> int:
        """How many rows of a table are committed."""
        return self.rows(select(func.count()).select_from(table))[0][0]

    def execute(self, statement: str) -> None:
        """Do what no product code does, such as breaking the schema."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def messages(self) -> list[tuple[int, NewMessage]]:
        """Every committed message with its sequence, in commit order."""
        columns = outbox_tables.messages.c
        return [
            (
                row.Sequence,
                NewMessage(
                    event_id=row.EventId,
                    stream_id=row.StreamId,
                    aggregate_type=row.AggregateType,
                    aggregate_id=row.AggregateId,
                    version=row.Version,
                    type=row.Type,
                    payload=row.Payload,
                    traceparent=row.TraceParent,
                    occurred_at=row.OccurredAt,
                    sinks=sinks_of(row.Type),
                ),
            )
            for row in self.rows(select(outbox_tables.messages).order_by(columns.Id))
        ]

    def seats_sold_twice(self) -> Sequence[Row[Any]]:
        """Seats of a showtime that more than one live reservation has. It looks at no claim, so it can judge them."""
        seat = (reservations.c.ShowtimeId, reservation_seats.c.Row, reservation_seats.c.Number)
        return self.rows(
            select(*seat)
            .join(reservations, reservations.c.ReservationId == reservation_seats.c.ReservationId)
            .where(reservations.c.Status != "Cancelled")
            .group_by(*seat)
            .having(func.count() > 1)
        )

    def close(self) -> None:
        self.engine.dispose()
