"""The unit of work on the write database: one session, one transaction."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.application.command_context import CommandContext
from shared.application.command_ledger import as_kept
from shared.application.errors import TooMuchToTellError
from shared.application.outbox.messages import EventTooLargeError, NewMessage
from shared.application.outcome import Outcome
from shared.application.publication import to_message
from shared.application.unit_of_work import UnitOfWork
from shared.infrastructure.sql.auditorium_repository import SqlAuditoriumRepository
from shared.infrastructure.sql.changed_aggregates import ChangedAggregates
from shared.infrastructure.sql.command_ledger import SqlCommandLedger
from shared.infrastructure.sql.completion import Completion, complete
from shared.infrastructure.sql.customer_repository import SqlCustomerRepository
from shared.infrastructure.sql.driver_faults import transient_faults_translated
from shared.infrastructure.sql.movie_repository import SqlMovieRepository
from shared.infrastructure.sql.outbox_writer import append_messages, last_sequence
from shared.infrastructure.sql.reservation_repository import SqlReservationRepository
from shared.infrastructure.sql.row_versions import RowVersionsCheck
from shared.infrastructure.sql.showtime_repository import SqlShowtimeRepository

State = TypeVar("State")


class SqlUnitOfWork:
    """Repositories over one session, and the commit that writes their events to the outbox."""

    def __init__(self, session: Session, *, context: CommandContext) -> None:
        """Use `SqlUnitsOfWork.begin`."""
        self._session = session
        self._context = context
        self._changed = ChangedAggregates()
        self.movies = SqlMovieRepository(session, changed=self._changed)
        self.auditoriums = SqlAuditoriumRepository(session, changed=self._changed)
        self.showtimes = SqlShowtimeRepository(session, changed=self._changed)
        self.reservations = SqlReservationRepository(session, changed=self._changed)
        self.customers = SqlCustomerRepository(session)
        self.ledger = SqlCommandLedger(session, request=context.request)

    def conclude(self, state: State, *, stream: str, created: bool = False) -> Outcome[State]:
        """Append the events and complete the ledger's entry as the last step, then commit."""
        outcome = Outcome(state=state, sequence=0, created=created)
        completion = Completion(
            request_key=self._context.request.key, answer=as_kept(outcome), stream_id=stream
        )
        messages = self._messages()
        if messages:
            sequences = self._append(messages, completion=completion)
            sequence = completion.reached(messages, sequences=sequences)
        else:
            sequence = last_sequence(self._session, stream)
            complete(self._session, completion, sequence=sequence)
        self._session.commit()
        return replace(outcome, sequence=sequence)

    def commit(self) -> None:
        """Append the events as the last step, then commit."""
        self._append(self._messages(), completion=None)
        self._session.commit()

    def _messages(self) -> Sequence[NewMessage]:
        return [to_message(event, context=self._context) for event in self._changed.events]

    def _append(self, messages: Sequence[NewMessage], *, completion: Completion | None) -> Mapping[UUID, int]:
        try:
            return append_messages(self._session, messages=messages, completion=completion)
        except EventTooLargeError as error:
            raise TooMuchToTellError(limit_bytes=error.limit) from error


class SqlUnitsOfWork:
    """Opens units of work on an engine."""

    def __init__(self, engine: Engine) -> None:
        """Connections are made when the first unit of work reads."""
        self._engine = engine
        self._row_versions = RowVersionsCheck(engine)

    @contextmanager
    def begin(self, context: CommandContext) -> Generator[UnitOfWork]:
        """A unit of work on a session of its own; whatever is not committed is rolled back.

        Raises:
            MisconfiguredStoreError: see `RowVersionsCheck`.
        """
        with transient_faults_translated(), Session(self._engine) as session:
            self._row_versions.ensure_passed()
            yield SqlUnitOfWork(session, context=context)
