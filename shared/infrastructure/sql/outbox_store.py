"""The master's store on SQL Server, PostgreSQL and SQLite. Its statements are in `outbox_queries`."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from shared.application.errors import TransientFaultError
from shared.application.outbox.backoff import Backoff
from shared.application.outbox.errors import OutboxStoreUnavailableError
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Claim
from shared.infrastructure.sql import outbox_queries as queries
from shared.infrastructure.sql.driver_faults import transient_faults_translated
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.outbox_setup import check_sinks_known, register_sinks
from shared.infrastructure.sql.outbox_tables import NOBODY
from shared.infrastructure.sql.row_versions import check_versions_read


class SqlOutboxStore:
    """An `OutboxStore` over the write database. The lease is in seconds."""

    def __init__(self, engine: Engine, *, lease_seconds: float, backoff: Backoff) -> None:
        self._writing = engine
        self._reading = for_reading(engine)
        self._lease_seconds = lease_seconds
        self._backoff = backoff

    def prepare(self, *, partitions: Mapping[str, int]) -> None:
        """See `OutboxStore.prepare`."""
        with _transaction(self._reading) as connection:
            check_versions_read(connection)
            check_sinks_known(connection, sinks=partitions)
        try:
            self._register(partitions)
        except IntegrityError:
            # Another master inserted the same rows at the same time: now they are there.
            self._register(partitions)

    def _register(self, partitions: Mapping[str, int]) -> None:
        with _transaction(self._writing) as connection:
            register_sinks(connection, partitions=partitions)

    def lanes_with_work(self, *, sinks: Sequence[str]) -> dict[str, list[int]]:
        """See `OutboxStore.lanes_with_work`."""
        found: dict[str, list[int]] = {}
        with _transaction(self._reading) as connection:
            for row in connection.execute(queries.lanes_with_work(sinks)):
                found.setdefault(row.Sink, []).append(row.Lane)
        return found

    def claim(self, *, sink: str, lane: int, owner: str) -> Claim | None:
        """See `OutboxStore.claim`."""
        with _transaction(self._writing) as connection:
            row = connection.execute(queries.claimable_lane(sink=sink, lane=lane)).one_or_none()
            if row is None:
                return None
            taken_over = row.Owner != NOBODY
            claim = Claim(
                sink=sink,
                lane=lane,
                owner=owner,
                epoch=row.Epoch + 1,
                failures=row.Failures + int(taken_over),
                taken_over=taken_over,
            )
            connection.execute(
                queries.lease(claim, seconds=self._lease_seconds, wait=self._backoff.seconds(claim.failures))
            )
            return claim

    def read(self, claim: Claim, *, limit: int) -> Batch:
        """See `OutboxStore.read`."""
        with _transaction(self._reading) as connection:
            rows = connection.execute(queries.first_messages(claim, limit=limit))
            return Batch(lane=claim.lane, messages=tuple(OutboxMessage(**row) for row in rows.mappings()))

    def settle(self, claim: Claim, *, delivered: Sequence[int], failed: bool) -> bool:
        """See `OutboxStore.settle`."""
        failures = claim.failures + 1 if failed else 0
        with _transaction(self._writing) as connection:
            released = connection.execute(
                queries.release(
                    claim, delivered=len(delivered), failures=failures, wait=self._backoff.seconds(failures)
                )
            )
            if released.rowcount != 1:
                return False
            if delivered:
                connection.execute(queries.acknowledge(claim, delivered=delivered))
            return True


@contextmanager
def _transaction(engine: Engine) -> Generator[Connection]:
    """A transaction whose passing faults are the port's own error."""
    try:
        with transient_faults_translated(), engine.begin() as connection:
            yield connection
    except TransientFaultError as error:
        raise OutboxStoreUnavailableError(str(error)) from error
