"""An erasure amid concurrent commands of the same customer, on each database."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import func, select

from shared.application.customers.erasure import ErasureUnfinishedError, EventsUnderWayError
from shared.domain.reservations.reservation import CustomerId
from shared.infrastructure.sql.write_tables import customers, reservations
from tests.builders.reservations import a_customer
from tests.integration.customers.booked_cinema import BookedCinema

pytestmark = pytest.mark.integration
TILLS, SALES = 3, 4


@contextmanager
def again_and_again(work: Callable[[], object]) -> Generator[None]:
    """Work on a thread of its own, until the context ends."""
    over, failures = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            while not over.is_set():
                work()
        except BaseException as error:  # noqa: BLE001 told to the thread that waits
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=60)
    assert failures == []


def sell(booked: BookedCinema, customer: CustomerId, *, row: str) -> None:
    """A till sells some seats of a row to the customer, who gives each back."""
    for number in range(1, SALES + 1):
        held = booked.cinema.reserve(
            booked.showtime, f"{row}-{number}", customer=customer
        ).state.reservation_id
        booked.cinema.confirm(held)
        booked.cinema.cancel(held, note="Jan Novák")


@pytest.mark.timeout(300)
def test_an_erasure_beside_tills_that_sell_to_the_customer_ends_right(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.book_in_every_way(customer)
    booked.settle()
    with again_and_again(booked.settle), ThreadPoolExecutor(TILLS) as tills:
        sales = [tills.submit(sell, booked, customer, row=row) for row in "FGH"[:TILLS]]
        while not all(sale.done() for sale in sales):
            with suppress(ErasureUnfinishedError, EventsUnderWayError):
                booked.forget(customer, customer_patience_seconds=20.0)
        for sale in sales:
            sale.result()
    booked.settle()
    booked.forget(customer)
    assert booked.naming(customer, "Novák") == []
    assert booked.findings() == []
    with booked.outbox.engine.begin() as connection:
        bookings = connection.scalar(select(func.count()).select_from(reservations))
        assert connection.scalar(select(func.sum(customers.c.Bookings))) == bookings
        assert bookings == 3 + TILLS * SALES
