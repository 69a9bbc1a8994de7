"""The command ledger in the write database: one row a command, keyed by the client's key or the command's own id."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from shared.application.command_context import RequestKey
from shared.application.command_ledger import LedgerEntry
from shared.application.errors import CommandInFlightError, ConcurrentWriteError, KeyReusedError
from shared.infrastructure.sql.driver_faults import is_lock_timeout
from shared.infrastructure.sql.id_arrays import number_is_among
from shared.infrastructure.sql.idempotency_table import idempotency
from shared.infrastructure.sql.outbox_clock import DatabaseNow
from shared.infrastructure.sql.row_locks import insert_waiting_at_most

_WAIT_SECONDS = 1.0
"""How long a request waits for the same request that is running; it then answers that it is in flight."""

_SKIP_LOCKED = "WITH (ROWLOCK, UPDLOCK, READPAST)"


class SqlCommandLedger:
    """A `CommandLedger` within a unit of work's session."""

    def __init__(self, session: Session, *, request: RequestKey) -> None:
        """Look at one command's entry."""
        self._session = session
        self._request = request

    def recall(self) -> LedgerEntry | None:
        """Insert the entry; that it is there already means that the command was answered, or is running."""
        try:
            self._insert()
        except IntegrityError:
            self._session.rollback()
            return self._kept()
        return None

    def forget(self, *, until: datetime, most: int) -> int:
        """Look at the oldest entries, which others are not dropping just now, and drop those that are old enough."""
        oldest = self._session.execute(
            select(idempotency.c.Id, idempotency.c.CreatedAt)
            .order_by(idempotency.c.Id)
            .limit(most)
            .with_for_update(skip_locked=True)
            .with_hint(idempotency, _SKIP_LOCKED, "mssql")
        )
        ids = [row.Id for row in oldest if row.CreatedAt < until]
        if ids:
            self._session.execute(delete(idempotency).where(number_is_among(idempotency.c.Id, ids)))
        return len(ids)

    def _insert(self) -> None:
        row = {
            "RequestKey": self._request.key,
            "Fingerprint": self._request.fingerprint,
            "Answer": "",
            "Sequence": 0,
            "CreatedAt": DatabaseNow(),
        }
        if not self._request.sent_by_client:
            # Nobody else has this key but an earlier attempt of this very command, which does not run any more.
            self._session.execute(insert(idempotency).values(row))
            return
        try:
            insert_waiting_at_most(self._session, table=idempotency, values=row, seconds=_WAIT_SECONDS)
        except DBAPIError as error:
            if is_lock_timeout(error):
                raise CommandInFlightError from error
            raise

    def _kept(self) -> LedgerEntry:
        query = select(idempotency).where(idempotency.c.RequestKey == self._request.key)
        row = self._session.execute(query).one_or_none()
        if row is None:
            raise ConcurrentWriteError("the same request was refused, or forgotten, just now")
        if row.Fingerprint != self._request.fingerprint:
            raise KeyReusedError
        return LedgerEntry(answer=row.Answer, sequence=row.Sequence)
