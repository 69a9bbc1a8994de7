"""The reporting database as a sink: the archive of events, and the facts derived from it."""

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from shared.application.errors import TransientFaultError
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Outage, Poison
from shared.contracts.envelope import MalformedEventError
from shared.infrastructure.sql.driver_faults import transient_faults_translated
from shared.infrastructure.sql.reporting_writer import is_replaced, record


class SqlReportingSink:
    """A `Sink`. A batch is one transaction, and recording a message again changes nothing."""

    def __init__(self, engine: Engine, *, threads: DatabaseThreads, write_seconds: float) -> None:
        self._engine = engine
        self._threads = threads
        self._write_seconds = write_seconds

    async def open(self) -> bool:
        """See `Sink.open`. The first connection, which takes a moment, is kept in the pool."""
        try:
            await self._threads.call(self._connect)
        except TransientFaultError:
            return False
        return True

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        """See `Sink.deliver`. What holds a message that can't be recorded is halved until that one is found."""
        recorded: list[int] = []
        size = len(batch.messages)
        while (some := batch.messages[len(recorded) :][:size]) and deadline.permits(self._write_seconds):
            try:
                await self._threads.call(self._record, some)
            except TransientFaultError as error:
                return Delivery(ids=recorded, failure=Outage(reason=str(error)))
            except (MalformedEventError, DataError, IntegrityError) as error:
                if len(some) == 1:
                    return Delivery(ids=recorded, failure=await self._judge(some[0], error))
                size = len(some) // 2
            else:
                recorded += [message.id for message in some]
        return Delivery(ids=recorded)

    async def _judge(self, message: OutboxMessage, error: Exception) -> Outage | Poison:
        """An event that is there already at its place comes from a master that was paused and writes at this moment."""
        reason = _without_parameters(error)
        if isinstance(error, IntegrityError) and not await self._threads.call(self._is_replaced, message):
            return Outage(reason=f"another master is recording: {reason}")
        return Poison(message_id=message.id, reason=reason)

    def _connect(self) -> None:
        with transient_faults_translated(), self._engine.connect():
            pass

    def _record(self, messages: Sequence[OutboxMessage]) -> None:
        with transient_faults_translated(), self._engine.begin() as connection:
            record(connection, messages)

    def _is_replaced(self, message: OutboxMessage) -> bool:
        with transient_faults_translated(), self._engine.connect() as connection:
            return is_replaced(connection, message)


def _without_parameters(error: Exception) -> str:
    """The driver's own words: SQLAlchemy's would quote the whole statement."""
    return str(error.orig) if isinstance(error, DBAPIError) else str(error)
