"""Customers in the write database: an id and a count of bookings."""

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from shared.domain.reservations.reservation import CustomerId
from shared.infrastructure.sql.changed_aggregates import newborn, rows_written
from shared.infrastructure.sql.write_tables import customers


class SqlCustomerRepository:
    """One row a customer, written by each booking and so locked by it."""

    def __init__(self, session: Session) -> None:
        """Work within a unit of work's session."""
        self._session = session

    def lock(self, customer_id: CustomerId) -> None:
        """Count a booking in the customer's row, which the customer's other bookings then wait for.

        Raises:
            ConcurrentWriteError: another first booking of the same customer was faster.
        """
        count = (
            update(customers)
            .where(customers.c.CustomerId == customer_id)
            .values(Bookings=customers.c.Bookings + 1)
        )
        if rows_written(self._session, count) == 0:
            with newborn():
                self._session.execute(insert(customers).values(CustomerId=customer_id, Bookings=1))
