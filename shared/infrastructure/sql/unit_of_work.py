"""The unit of work on the write database: one session, one transaction."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.application.command_context import CommandContext
from shared.application.errors import TooMuchToTellError
from shared.application.outbox.messages import EventTooLargeError
from shared.application.publication import to_message
from shared.application.unit_of_work import UnitOfWork
from shared.infrastructure.sql.auditorium_repository import SqlAuditoriumRepository
from shared.infrastructure.sql.changed_aggregates import ChangedAggregates
from shared.infrastructure.sql.customer_repository import SqlCustomerRepository
from shared.infrastructure.sql.driver_faults import transient_faults_translated
from shared.infrastructure.sql.movie_repository import SqlMovieRepository
from shared.infrastructure.sql.outbox_writer import append_messages, last_sequence
from shared.infrastructure.sql.reservation_repository import SqlReservationRepository
from shared.infrastructure.sql.showtime_repository import SqlShowtimeRepository


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

    def commit(self, *, stream: str) -> int:
        """Append the events to the outbox as the last step, then commit."""
        messages = [to_message(event, context=self._context) for event in self._changed.events]
        try:
            sequences = append_messages(self._session, messages=messages)
        except EventTooLargeError as error:
            raise TooMuchToTellError(limit_bytes=error.limit) from error
        reached = [sequences[message.event_id] for message in messages if message.stream_id == stream]
        last = max(reached) if reached else last_sequence(self._session, stream)
        self._session.commit()
        return last


class SqlUnitsOfWork:
    """Opens units of work on an engine."""

    def __init__(self, engine: Engine) -> None:
        """Connections are made when the first unit of work reads."""
        self._engine = engine

    @contextmanager
    def begin(self, context: CommandContext) -> Generator[UnitOfWork]:
        """A unit of work on a session of its own; whatever is not committed is rolled back."""
        with transient_faults_translated(), Session(self._engine) as session:
            yield SqlUnitOfWork(session, context=context)
