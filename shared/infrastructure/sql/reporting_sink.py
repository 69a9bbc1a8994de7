"""The reporting database as a sink: the archive of events, and the facts derived from it."""

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from shared.application.errors import TransientFaultError
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Outage
from shared.infrastructure.sql.driver_faults import transient_faults_translated
from shared.infrastructure.sql.reporting_writer import record


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
        """See `Sink.deliver`."""
        if not deadline.permits(self._write_seconds):
            return Delivery(ids=())
        try:
            await self._threads.call(self._record, batch.messages)
        except TransientFaultError as error:
            return Delivery(ids=(), failure=Outage(reason=str(error)))
        except IntegrityError as error:
            # Only a master that was paused beyond its lease writes the same messages at the same time.
            return Delivery(ids=(), failure=Outage(reason=f"another master is recording: {error.orig}"))
        return Delivery(ids=[message.id for message in batch.messages])

    def _connect(self) -> None:
        with transient_faults_translated(), self._engine.connect():
            pass

    def _record(self, messages: Sequence[OutboxMessage]) -> None:
        with transient_faults_translated(), self._engine.begin() as connection:
            record(connection, messages)
