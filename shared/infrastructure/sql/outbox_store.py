"""The master's store on SQL Server, PostgreSQL and SQLite. Its statements are in `outbox_queries`."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.application.errors import TransientFaultError
from shared.application.outbox.backoff import Backoff
from shared.application.outbox.errors import OutboxNotMigratedError, OutboxStoreUnavailableError
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Claim, Poison
from shared.infrastructure.sql import outbox_hold_queries as hold_queries
from shared.infrastructure.sql import outbox_queries as queries
from shared.infrastructure.sql.driver_faults import is_schema_missing, transient_faults_translated
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
        with outbox_transaction(self._reading) as connection:
            check_versions_read(connection)
            check_sinks_known(connection, sinks=partitions)
        try:
            self._register(partitions)
        except IntegrityError:
            # Another master inserted the same rows at the same time: now they are there.
            self._register(partitions)

    def _register(self, partitions: Mapping[str, int]) -> None:
        with outbox_transaction(self._writing) as connection:
            register_sinks(connection, partitions=partitions)

    def lanes_with_work(self, *, sinks: Sequence[str]) -> dict[str, list[int]]:
        """See `OutboxStore.lanes_with_work`."""
        found: dict[str, list[int]] = {}
        with outbox_transaction(self._reading) as connection:
            for row in connection.execute(queries.lanes_with_work(sinks)):
                found.setdefault(row.Sink, []).append(row.Lane)
        return found

    def claim(self, *, sink: str, lane: int, owner: str) -> Claim | None:
        """See `OutboxStore.claim`."""
        with outbox_transaction(self._writing) as connection:
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
                siding=row.Siding,
            )
            connection.execute(
                queries.lease(claim, seconds=self._lease_seconds, wait=self._backoff.seconds(claim.failures))
            )
            return claim

    def read(self, claim: Claim, *, limit: int) -> Batch:
        """See `OutboxStore.read`."""
        with outbox_transaction(self._reading) as connection:
            for place in _places(claim):
                batch = _read(connection, claim, place=place, limit=limit)
                if not batch.is_empty:
                    return batch
        return Batch(lane=claim.lane, messages=())

    def settle(
        self,
        claim: Claim,
        *,
        delivered: Sequence[int],
        failed: bool,
        held: Sequence[int] = (),
        poison: Poison | None = None,
    ) -> bool:
        """See `OutboxStore.settle`."""
        failures = claim.failures + 1 if failed else 0
        with outbox_transaction(self._writing) as connection:
            released = connection.execute(
                queries.release(
                    claim, delivered=len(delivered), failures=failures, wait=self._backoff.seconds(failures)
                )
            )
            if released.rowcount != 1:
                return False
            if delivered:
                connection.execute(queries.acknowledge(claim, delivered=delivered))
            if held or poison:
                _hold(connection, claim, held=held, poison=poison)
            if claim.siding is not None:
                connection.execute(hold_queries.end_hold(claim, hold_id=claim.siding))
            return True


def _places(claim: Claim) -> Sequence[int]:
    """Where to look, in this order: a lane and its siding take turns, since epochs do."""
    if claim.siding is None:
        return (claim.lane,)
    return (-claim.siding, claim.lane) if claim.epoch % 2 else (claim.lane, -claim.siding)


def _read(connection: Connection, claim: Claim, *, place: int, limit: int) -> Batch:
    """What stands in the lane, without what waits behind a hold; or what stands in a siding, which its hold let go."""
    messages: list[OutboxMessage] = []
    held: list[int] = []
    statement = queries.first_messages(claim.sink, lane=place, limit=limit)
    for row in connection.execute(statement).mappings():
        fields = dict(row)
        hold_id = fields.pop("hold_id")
        if hold_id is None or place == -hold_id:
            messages.append(OutboxMessage(**fields))
        else:
            held.append(row["id"])
    return Batch(lane=claim.lane, messages=messages, held=held)


def _hold(connection: Connection, claim: Claim, *, held: Sequence[int], poison: Poison | None) -> None:
    waiting = list(held)
    if poison is not None:
        if connection.execute(hold_queries.hold_again(claim, poison)).rowcount == 0:
            connection.execute(hold_queries.hold(claim, poison))
        waiting.append(poison.message_id)
    connection.execute(hold_queries.put_aside(claim, waiting=waiting))


@contextmanager
def outbox_transaction(engine: Engine) -> Generator[Connection]:
    """A transaction whose passing faults, and missing tables, are the port's own errors."""
    try:
        with transient_faults_translated(), engine.begin() as connection:
            yield connection
    except TransientFaultError as error:
        raise OutboxStoreUnavailableError(str(error)) from error
    except DBAPIError as error:
        if not is_schema_missing(error):
            raise
        raise OutboxNotMigratedError(str(error.orig).partition("\n")[0]) from error
