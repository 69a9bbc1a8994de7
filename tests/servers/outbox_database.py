"""The outbox in a real database, for tests: what the write side, the clock and a curious person do to it."""

from datetime import timedelta

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.orm import Session

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.dead_letters import Hold, HoldState
from shared.application.outbox.messages import NewMessage
from shared.application.outbox.ports import Poison
from shared.infrastructure.sql.dead_letters import SqlDeadLetters
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.outbox_store import SqlOutboxStore
from shared.infrastructure.sql.outbox_tables import OUTBOX_TABLES, deliveries, lanes, messages, streams
from shared.infrastructure.sql.outbox_writer import append_messages, open_stream


class OutboxDatabase(SqlOutboxStore):
    """The store under test, with the same extras as the fake."""

    def __init__(
        self, url: str, *, lease_seconds: float = 15.0, pool_size: int = 8, backoff: Backoff | None = None
    ) -> None:
        self.url = url
        self.engine: Engine = create_database_engine(url, lock_wait_seconds=5.0, pool_size=pool_size)
        write_metadata.create_all(self.engine, tables=OUTBOX_TABLES)
        super().__init__(self.engine, lease_seconds=lease_seconds, backoff=backoff or Backoff())
        self.dead_letters = SqlDeadLetters(self.engine)

    def commit(self, *new: NewMessage) -> list[int]:
        """One command's transaction; streams that are not open yet are opened first."""
        with Session(self.engine) as session, session.begin():
            return append_opening(session, *new)

    def advance(self, seconds: float) -> None:
        """Let time pass: what is `seconds` ahead of the database's clock is now."""
        passed = timedelta(seconds=seconds)
        with self.engine.begin() as connection:
            moving = select(lanes).where(lanes.c.Epoch > 0)
            for row in connection.execute(moving).all():
                connection.execute(
                    update(lanes)
                    .where(lanes.c.Sink == row.Sink, lanes.c.Lane == row.Lane)
                    .values(LeaseEnd=row.LeaseEnd - passed, NextAttemptAt=row.NextAttemptAt - passed)
                )

    def pending(self, sink: str) -> list[int]:
        """The messages that the sink has not acknowledged."""
        query = select(deliveries.c.MessageId).where(deliveries.c.Sink == sink)
        with self.engine.begin() as connection:
            return sorted(connection.scalars(query))

    def held_streams(self, sink: str) -> dict[int, str]:
        """The streams that wait for a person, by hold."""
        holds = self.dead_letters.list(sink=sink, limit=1_000)
        return {hold.id: hold.stream_id for hold in holds if hold.state is HoldState.HELD}

    def redrive(self, hold_id: int) -> Hold:
        return self.dead_letters.redrive(hold_id)

    def discard(self, hold_id: int) -> None:
        self.dead_letters.discard(hold_id)

    def hold_first(self, sink: str, *, reason: str = "refused") -> int:
        """The id of a hold: the first message that may be carried turns out to be poison."""
        known = self.held_streams(sink)
        while (after := self.held_streams(sink)) == known:
            lane = self.lanes_with_work(sinks=[sink])[sink][0]
            claim = self.claim(sink=sink, lane=lane, owner="one")
            assert claim is not None
            batch = self.read(claim, limit=1)
            poison = [Poison(message_id=message.id, reason=reason) for message in batch.messages]
            assert self.settle(
                claim, delivered=[], failed=False, held=batch.held, poison=next(iter(poison), None)
            )
        (new,) = after.keys() - known.keys()
        return new

    def in_lanes(self, sink: str) -> list[int]:
        """The pending messages that stand in a lane, and not in a siding."""
        query = select(deliveries.c.MessageId).where(deliveries.c.Sink == sink, deliveries.c.Lane >= 0)
        with self.engine.begin() as connection:
            return sorted(connection.scalars(query))

    def message_count(self) -> int:
        with self.engine.begin() as connection:
            return connection.scalar(select(func.count()).select_from(messages)) or 0

    def delivered_counter(self, sink: str) -> int:
        query = select(func.sum(lanes.c.Delivered)).where(lanes.c.Sink == sink)
        with self.engine.begin() as connection:
            return connection.scalar(query) or 0

    def failures(self, sink: str) -> int:
        """How often in a row its lanes have failed, the worst of them."""
        query = select(func.max(lanes.c.Failures)).where(lanes.c.Sink == sink)
        with self.engine.begin() as connection:
            return connection.scalar(query) or 0

    def move_message(self, message_id: int, *, to: int) -> None:
        """As if a transaction that began earlier had committed now: SQLite has one writer at a time."""
        with self.engine.begin() as connection:
            for table, column in ((messages, messages.c.Id), (deliveries, deliveries.c.MessageId)):
                connection.execute(update(table).where(column == message_id).values({column.name: to}))

    def acknowledge_by_watermark(self, sink: str, *, up_to: int) -> None:
        """How it must not be done: the negative control."""
        with self.engine.begin() as connection:
            connection.execute(
                delete(deliveries).where(deliveries.c.Sink == sink, deliveries.c.MessageId <= up_to)
            )

    def address_to(self, sink: str, *, lane: int, message_id: int) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(deliveries).values(Sink=sink, Lane=lane, MessageId=message_id))

    def close(self) -> None:
        self.engine.dispose()


def append_opening(session: Session, *new: NewMessage) -> list[int]:
    """Append within a transaction of the test's, and say which ids the messages got."""
    for stream_id in sorted({message.stream_id for message in new}):
        known = session.scalar(select(streams.c.StreamId).where(streams.c.StreamId == stream_id))
        if known is None:
            open_stream(session, stream_id)
    append_messages(session, messages=new)
    ids = dict(
        session.execute(
            select(messages.c.EventId, messages.c.Id).where(
                messages.c.EventId.in_([message.event_id for message in new])
            )
        ).all()
    )
    return [ids[message.event_id] for message in new]
