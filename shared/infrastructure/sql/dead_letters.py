"""Dead letters, for people: the holds as they are, and letting them go."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Delete,
    Engine,
    Insert,
    Row,
    Select,
    Update,
    delete,
    func,
    insert,
    select,
    update,
)

from shared.application.errors import NotFoundError
from shared.application.outbox.dead_letters import (
    Discard,
    Hold,
    HoldResumedError,
    HoldState,
    OtherMessageHeldError,
)
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.outbox_clock import DatabaseNow
from shared.infrastructure.sql.outbox_store import outbox_transaction
from shared.infrastructure.sql.outbox_tables import deliveries, discards, holds, messages
from shared.infrastructure.sql.row_locks import locked


class SqlDeadLetters:
    """A `DeadLetters` over the write database.

    It locks a hold before its deliveries, as the master does, and never a lane: nobody waits for a lease.
    """

    def __init__(self, engine: Engine) -> None:
        self._writing = engine
        self._reading = for_reading(engine)

    def list(self, *, sink: str | None = None, after: int = 0, limit: int) -> Sequence[Hold]:
        """See `DeadLetters.list`."""
        query = _holds().where(holds.c.Id > after).order_by(holds.c.Id).limit(limit)
        if sink is not None:
            query = query.where(holds.c.Sink == sink)
        with outbox_transaction(self._reading) as connection:
            return [_hold(row) for row in connection.execute(query)]

    def get(self, hold_id: int) -> Hold:
        """See `DeadLetters.get`."""
        with outbox_transaction(self._reading) as connection:
            return _found(connection, hold_id)

    def redrive(self, hold_id: int) -> Hold:
        """See `DeadLetters.redrive`."""
        with outbox_transaction(self._writing) as connection:
            connection.execute(_resume(hold_id))
            return _found(connection, hold_id)

    def discard(self, hold_id: int, *, event_id: UUID | None = None) -> Discard:
        """See `DeadLetters.discard`."""
        with outbox_transaction(self._writing) as connection:
            row = connection.execute(_held_message(hold_id)).one_or_none()
            if row is None:
                raise NotFoundError("dead letter", hold_id)
            if row.State != HoldState.HELD:
                raise HoldResumedError(hold_id)
            if event_id not in {None, row.EventId}:
                raise OtherMessageHeldError(hold_id, event_id=row.EventId)
            connection.execute(_drop(row))
            connection.execute(_resume(hold_id))
            connection.execute(_record(row))
            return _discard(connection.execute(_record_of(row)).one())

    def discards(self, *, after: int = 0, limit: int) -> Sequence[Discard]:
        """See `DeadLetters.discards`."""
        query = select(discards).where(discards.c.Id > after).order_by(discards.c.Id).limit(limit)
        with outbox_transaction(self._reading) as connection:
            return [_discard(row) for row in connection.execute(query)]


def _holds() -> Select[*tuple[Any, ...]]:
    waiting = (
        select(func.count())
        .select_from(deliveries)
        .where(deliveries.c.Sink == holds.c.Sink, deliveries.c.Lane == -holds.c.Id)
        .scalar_subquery()
    )
    return (
        select(
            holds.c.Id, holds.c.Sink, holds.c.StreamId, holds.c.State, holds.c.Reason, holds.c.HeldAt,
            messages.c.Sequence, messages.c.EventId, messages.c.Type, messages.c.AggregateType, messages.c.AggregateId,
            waiting.label("Waiting"),
        )
        .join(messages, messages.c.Id == holds.c.MessageId)
    )  # fmt: skip


def _found(connection: Connection, hold_id: int) -> Hold:
    row = connection.execute(_holds().where(holds.c.Id == hold_id)).one_or_none()
    if row is None:
        raise NotFoundError("dead letter", hold_id)
    return _hold(row)


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    return Hold(
        id=row.Id,
        sink=row.Sink,
        stream_id=row.StreamId,
        sequence=row.Sequence,
        event_id=row.EventId,
        type=row.Type,
        aggregate_type=row.AggregateType,
        aggregate_id=row.AggregateId,
        state=HoldState(row.State),
        reason=row.Reason,
        held_at=row.HeldAt,
        waiting=row.Waiting,
    )


def _resume(hold_id: int) -> Update:
    return (
        update(holds)
        .where(holds.c.Id == hold_id, holds.c.State == HoldState.HELD)
        .values(State=HoldState.RESUMED)
    )


def _held_message(hold_id: int) -> Select[*tuple[Any, ...]]:
    """The hold, locked, with what its message is."""
    query = (
        select(
            holds.c.Id, holds.c.Sink, holds.c.StreamId, holds.c.State, holds.c.Reason, holds.c.MessageId,
            messages.c.Sequence, messages.c.EventId,
        )
        .join(messages, messages.c.Id == holds.c.MessageId)
        .where(holds.c.Id == hold_id)
    )  # fmt: skip
    return locked(query, holds)


def _drop(held: Row[*tuple[Any, ...]]) -> Delete:
    return delete(deliveries).where(
        deliveries.c.Sink == held.Sink,
        deliveries.c.Lane == -held.Id,
        deliveries.c.MessageId == held.MessageId,
    )


def _record(held: Row[*tuple[Any, ...]]) -> Insert:
    return insert(discards).values(
        Sink=held.Sink,
        StreamId=held.StreamId,
        Sequence=held.Sequence,
        EventId=held.EventId,
        Reason=held.Reason,
        DiscardedAt=DatabaseNow(),
    )


def _record_of(held: Row[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return select(discards).where(
        discards.c.Sink == held.Sink,
        discards.c.StreamId == held.StreamId,
        discards.c.Sequence == held.Sequence,
    )


def _discard(row: Row[*tuple[Any, ...]]) -> Discard:
    return Discard(
        id=row.Id,
        sink=row.Sink,
        stream_id=row.StreamId,
        sequence=row.Sequence,
        event_id=row.EventId,
        reason=row.Reason,
        discarded_at=row.DiscardedAt,
    )
