"""The outbox's history on SQL Server, PostgreSQL and SQLite: what is old is deleted, unless a sink still needs it.

Three things may happen to an old message while it is being judged:

- Its last delivery is acknowledged: it is judged to be needed, and goes another time.
- A delivery moves to the siding of a hold, or back: that is one transaction, and a statement sees either none or all
  of it, since each of the three databases shows a statement one state of the committed rows.
- It is to be delivered again (`cinema audit --repair`): a delivery row is inserted for it. So it is judged twice, the
  second time by the deleting statement and under a lock on it. SQLite has one writer, and its transaction began before
  that statement. On PostgreSQL and SQL Server (READ COMMITTED over row versions) a statement sees what was committed
  when it began, which is after the lock was had. Whoever locks the message (`row_locks.locked_shared`) before inserting
  the delivery has therefore either committed by then, and the message stays; or holds the lock, and it is skipped; or
  comes later, waits, and finds that it is gone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Engine,
    ScalarSelect,
    Select,
    and_,
    delete,
    select,
)

from shared.application.outbox.retention import RetentionStep
from shared.infrastructure.sql.driver_faults import transient_faults_translated
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.id_arrays import number_is_among
from shared.infrastructure.sql.outbox_clock import DatabaseNow
from shared.infrastructure.sql.outbox_setup import sinks_with_deliveries
from shared.infrastructure.sql.outbox_tables import deliveries, holds, messages, sinks

_LOCK_HINT = "WITH (ROWLOCK, XLOCK, READPAST, READCOMMITTEDLOCK)"
"""SQL Server: skip what others have locked, if only shared, which an update lock would let pass."""


class SqlOutboxHistory:
    """An `OutboxHistory` over the write database, for a release with these sinks.

    What is kept is only read, so that it costs no lock and no write.
    """

    def __init__(self, engine: Engine, *, sinks: Collection[str]) -> None:
        self._sinks = sinks
        self._writing = engine
        self._reading = for_reading(engine)

    def now(self) -> datetime:
        """See `OutboxHistory.now`."""
        with transient_faults_translated(), self._reading.begin() as connection:
            return connection.execute(select(DatabaseNow().label("Now"))).scalar_one()

    def forget(self, *, after: int, until: datetime, most: int) -> RetentionStep:
        """See `OutboxHistory.forget`."""
        with transient_faults_translated(), self._reading.begin() as connection:
            known = _known_sinks(connection, served=self._sinks)
            rows = connection.execute(_next_messages(after=after, most=most, sinks=known)).all()
        first_young = next((index for index, row in enumerate(rows) if row.OccurredAt >= until), len(rows))
        old = rows[:first_young]
        unneeded = [row.Id for row in old if row.Delivery is None and row.Hold is None]
        forgotten = self._delete(unneeded, sinks=known) if unneeded else 0
        return RetentionStep(
            last=old[-1].Id if old else after,
            forgotten=forgotten,
            kept=len(old) - forgotten,
            is_last=len(old) < most,
        )

    def _delete(self, ids: Sequence[int], *, sinks: Sequence[str]) -> int:
        """How many of these were still not needed, and not locked by others."""
        with transient_faults_translated(), self._writing.begin() as connection:
            locked = connection.scalars(_locked(ids)).all()
            return connection.execute(_deletion(locked, sinks=sinks)).rowcount if locked else 0


def _known_sinks(connection: Connection, *, served: Collection[str]) -> list[str]:
    """This release's, those of any master that ever ran, and any other that a delivery waits for.

    The table alone does not do: before the first master has started it is empty, and every message is needed.
    """
    registered = connection.scalars(select(sinks.c.Sink))
    return sorted({*served, *registered, *sinks_with_deliveries(connection)})


def _next_messages(*, after: int, most: int, sinks: Sequence[str]) -> Select[*tuple[int, datetime, int, int]]:
    """The next messages by id, each with a delivery and a hold that needs it, if there is one. It takes no lock."""
    return (
        select(
            messages.c.Id,
            messages.c.OccurredAt,
            _delivery(sinks).label("Delivery"),
            _hold(sinks).label("Hold"),
        )
        .where(messages.c.Id > after)
        .order_by(messages.c.Id)
        .limit(most)
    )


def _locked(ids: Sequence[int]) -> Select[*tuple[int]]:
    """Those of the messages that are there and that nobody else has locked, locked in order of their ids."""
    return (
        select(messages.c.Id)
        .where(number_is_among(messages.c.Id, ids))
        .order_by(messages.c.Id)
        .with_for_update(skip_locked=True)
        .with_hint(messages, _LOCK_HINT, "mssql")
    )


def _deletion(ids: Sequence[int], *, sinks: Sequence[str]) -> Delete:
    """By explicit id, never by range: an id among these may be committed later, and that message is young."""
    return (
        delete(messages)
        .where(number_is_among(messages.c.Id, ids), _nobody_needs_it(sinks))
        .with_hint("WITH (ROWLOCK)", dialect_name="mssql")
    )


def _nobody_needs_it(sinks: Sequence[str]) -> ColumnElement[bool]:
    return and_(_delivery(sinks).is_(None), _hold(sinks).is_(None))


# Scalar subqueries with a limit: PostgreSQL would turn a NOT EXISTS into a join that may scan every delivery.
def _delivery(sinks: Sequence[str]) -> ScalarSelect[int]:
    """A delivery of the message in its own lane: one seek a sink. One in a siding has a hold."""
    return (
        select(deliveries.c.MessageId)
        .where(
            deliveries.c.Sink.in_(sinks),
            deliveries.c.Lane == messages.c.Lane,
            deliveries.c.MessageId == messages.c.Id,
        )
        .limit(1)
        .scalar_subquery()
    )


def _hold(sinks: Sequence[str]) -> ScalarSelect[int]:
    """A hold on the message's stream: one seek a sink."""
    return (
        select(holds.c.Id)
        .where(holds.c.Sink.in_(sinks), holds.c.StreamId == messages.c.StreamId)
        .limit(1)
        .scalar_subquery()
    )
