"""The outbox's history in a real database, for tests: what the years, the masters and a poison message do to it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import Session

from shared.application.outbox.lanes import lane_of
from shared.application.outbox.routing import ROUTES
from shared.infrastructure.sql.outbox_clock import DatabaseNow
from shared.infrastructure.sql.outbox_retention import SqlOutboxHistory
from shared.infrastructure.sql.outbox_tables import deliveries, holds, messages
from shared.infrastructure.sql.row_locks import locked_shared
from tests.builders.outbox_messages import a_reservation_message
from tests.fakes.outbox_history import Past
from tests.servers.outbox_database import OutboxDatabase, append_opening


class HistoryDatabase(SqlOutboxHistory):
    """The history under test, with the same extras as the fake."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.outbox = OutboxDatabase(url, pool_size=pool_size)
        super().__init__(self.outbox.engine, sinks=tuple(ROUTES))

    def commit(self, *past: Past) -> list[int]:
        """All in one transaction, each message as its command wrote it but for the sinks that have it since."""
        now = self.now()
        new = [
            replace(a_reservation_message(each.stream), occurred_at=now - timedelta(hours=each.hours))
            for each in past
        ]
        with Session(self.outbox.engine) as session, session.begin():
            ids = append_opening(session, *new)
            for message_id, each in zip(ids, past, strict=True):
                session.execute(
                    delete(deliveries).where(
                        deliveries.c.MessageId == message_id, deliveries.c.Sink.not_in(each.waiting)
                    )
                )
        return ids

    def acknowledge(self, sink: str, message_id: int) -> None:
        with self.outbox.engine.begin() as connection:
            connection.execute(
                delete(deliveries).where(deliveries.c.Sink == sink, deliveries.c.MessageId == message_id)
            )

    def hold(self, sink: str, stream: str) -> None:
        """As a master does it: the stream's deliveries move to a siding, the negative of the hold's id."""
        of_stream = select(messages.c.Id).where(messages.c.StreamId == stream)
        with self.outbox.engine.begin() as connection:
            held = connection.execute(
                insert(holds).values(
                    Sink=sink, StreamId=stream, Lane=lane_of(stream), MessageId=0, State="held", Reason="",
                    HeldAt=DatabaseNow(),
                )
            ).inserted_primary_key  # fmt: skip
            assert held is not None
            connection.execute(
                update(deliveries)
                .where(deliveries.c.Sink == sink, deliveries.c.MessageId.in_(of_stream))
                .values(Lane=-held[0])
            )

    def let_go(self, sink: str, stream: str) -> None:
        with self.outbox.engine.begin() as connection:
            connection.execute(delete(holds).where(holds.c.Sink == sink, holds.c.StreamId == stream))

    def remaining(self) -> list[int]:
        with self.outbox.engine.begin() as connection:
            return list(connection.scalars(select(messages.c.Id).order_by(messages.c.Id)))

    def deliver_again(self, sink: str, message_id: int) -> bool:
        """As a repair does it, in a transaction of its own; whether the message was still there."""
        with self.outbox.engine.begin() as connection:
            return lock_and_deliver_again(connection, sink, message_id)

    def close(self) -> None:
        self.outbox.close()


def lock_and_deliver_again(connection: Connection, sink: str, message_id: int) -> bool:
    """Within a transaction: lock the message, and insert its delivery unless one waits already."""
    query = locked_shared(select(messages.c.Lane).where(messages.c.Id == message_id), messages)
    lane = connection.scalar(query)
    if lane is None:
        return False
    waiting = select(deliveries.c.Lane).where(
        deliveries.c.Sink == sink, deliveries.c.Lane == lane, deliveries.c.MessageId == message_id
    )
    if connection.scalar(waiting) is None:
        connection.execute(insert(deliveries).values(Sink=sink, Lane=lane, MessageId=message_id))
    return True
