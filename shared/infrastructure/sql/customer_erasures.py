"""The ledger of erasures in the write database.

Its row is locked before anything else of a step: in the order of locks it comes before the customer. So two runs for one
customer are never in a step at once, and one whose row names another run has been taken over.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.application.audit.findings import WRITE_ROWS
from shared.application.audit.ports import StationUnreadableError
from shared.application.customers.erasure import Erasure, ErasureTakenOverError, LiveBooking
from shared.application.errors import ConcurrentWriteError
from shared.domain.reservations.reservation import ReservationStatus
from shared.domain.showtimes.showtime import ShowtimeStatus
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.driver_faults import transient_faults_translated
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.row_locks import locked
from shared.infrastructure.sql.write_tables import (
    customer_erasures,
    customers,
    reservations,
    showtimes,
)


class SqlErasureLedger:
    """An `ErasureLedger`."""

    def __init__(self, engine: Engine) -> None:
        self._writing = engine
        self._reading = for_reading(engine)

    def under_way(self, customer_id: UUID) -> Erasure | None:
        """See `ErasureLedger.under_way`."""
        query = select(customer_erasures).where(customer_erasures.c.CustomerId == customer_id)
        with station_transaction(self._reading, station=WRITE_ROWS) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Erasure(customer_id=customer_id, pseudonym=row.Pseudonym, run=row.Run, began_at=row.BeganAt)

    def knows(self, customer_id: UUID) -> bool:
        """See `ErasureLedger.knows`."""
        query = select(customers.c.Id).where(customers.c.CustomerId == customer_id)
        with station_transaction(self._reading, station=WRITE_ROWS) as connection:
            return connection.scalar(query) is not None

    def begin(self, customer_id: UUID, *, pseudonym: UUID, run: UUID, at: datetime) -> Erasure:
        """See `ErasureLedger.begin`."""
        with _writing(self._writing) as connection:
            query = select(customer_erasures).where(customer_erasures.c.CustomerId == customer_id)
            row = connection.execute(locked(query, customer_erasures)).one_or_none()
            if row is None:
                _insert(connection, customer_id, pseudonym=pseudonym, run=run, at=at)
                return Erasure(customer_id=customer_id, pseudonym=pseudonym, run=run, began_at=at)
            connection.execute(
                update(customer_erasures).where(customer_erasures.c.Id == row.Id).values(Run=run)
            )
            return Erasure(customer_id=customer_id, pseudonym=row.Pseudonym, run=run, began_at=row.BeganAt)

    def live(self, customer_id: UUID, *, at: datetime, most: int) -> Sequence[LiveBooking]:
        """See `ErasureLedger.live`."""
        query = (
            select(
                reservations.c.ReservationId,
                reservations.c.ShowtimeId,
                reservations.c.Status,
                showtimes.c.StartsAt,
            )
            .join(showtimes, showtimes.c.ShowtimeId == reservations.c.ShowtimeId)
            .where(reservations.c.CustomerId == customer_id, _is_live(at))
            .order_by(showtimes.c.StartsAt, reservations.c.ReservationId)
            .limit(most)
        )
        with station_transaction(self._reading, station=WRITE_ROWS) as connection:
            return [
                LiveBooking(
                    reservation_id=row.ReservationId,
                    showtime_id=row.ShowtimeId,
                    status=row.Status,
                    starts_at=row.StartsAt,
                )
                for row in connection.execute(query)
            ]

    def finish(self, erasure: Erasure) -> bool:
        """See `ErasureLedger.finish`.

        A booking counts itself in its customer's row first. So one that is not committed yet is waited for here, and one
        that begins now waits, and then makes the row anew: it is another customer's.
        """
        with own_step(self._writing, erasure) as connection:
            mine = select(customers).where(customers.c.CustomerId == erasure.customer_id)
            row = connection.execute(locked(mine, customers)).one_or_none()
            if _has_reservations(connection, erasure.customer_id):
                return False
            if row is not None:
                counted = customers.c.Bookings + row.Bookings
                theirs = customers.c.CustomerId == erasure.pseudonym
                connection.execute(update(customers).where(theirs).values(Bookings=counted))
                connection.execute(delete(customers).where(customers.c.Id == row.Id))
            connection.execute(
                delete(customer_erasures).where(customer_erasures.c.CustomerId == erasure.customer_id)
            )
            return True


@contextmanager
def _writing(engine: Engine) -> Generator[Connection]:
    """A step's transaction.

    Raises:
        TransientFaultError: the same step may well succeed on another try.
        StationUnreadableError: the database does not answer.
    """
    try:
        with transient_faults_translated(), engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StationUnreadableError(WRITE_ROWS, str(error.orig)) from error


@contextmanager
def own_step(engine: Engine, erasure: Erasure) -> Generator[Connection]:
    """A step's transaction in which the erasure's row is locked.

    Raises:
        ErasureTakenOverError: it names another run, or is gone.
        TransientFaultError, StationUnreadableError: as every step.
    """
    query = select(customer_erasures.c.Run).where(customer_erasures.c.CustomerId == erasure.customer_id)
    with _writing(engine) as connection:
        if connection.scalar(locked(query, customer_erasures)) != erasure.run:
            raise ErasureTakenOverError
        yield connection


def _insert(connection: Connection, customer_id: UUID, *, pseudonym: UUID, run: UUID, at: datetime) -> None:
    try:
        connection.execute(
            insert(customer_erasures).values(CustomerId=customer_id, Pseudonym=pseudonym, Run=run, BeganAt=at)
        )
        connection.execute(insert(customers).values(CustomerId=pseudonym, Bookings=0))
    except IntegrityError as error:
        raise ConcurrentWriteError("inserted by somebody else") from error


def _has_reservations(connection: Connection, customer_id: UUID) -> bool:
    query = select(reservations.c.Id).where(reservations.c.CustomerId == customer_id).limit(1)
    return connection.scalar(query) is not None


def _is_live(at: datetime) -> ColumnElement[bool]:
    """A hold that can still be confirmed, or a ticket for a screening that is on and not over."""
    held = and_(reservations.c.Status == ReservationStatus.PENDING.value, reservations.c.ExpiresAt > at)
    sold = and_(
        reservations.c.Status == ReservationStatus.CONFIRMED.value,
        showtimes.c.Status != ShowtimeStatus.CANCELLED.value,
        showtimes.c.EndsAt > at,
    )
    return or_(held, sold)
