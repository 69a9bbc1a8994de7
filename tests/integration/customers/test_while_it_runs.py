"""Forgetting a customer who books on, beside a master that carries and a projector that follows."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any, Self, cast
from uuid import UUID

import pytest
from pymongo import MongoClient
from redis import Redis

from shared.application.customers.erasure import ErasureUnfinishedError, EventsUnderWayError
from shared.application.customers.forget_customer import ForgetCustomer
from shared.bootstrap.customers import open_customer_desk
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.reservations.reservation import CustomerId
from shared.infrastructure.sql.engine import create_database_engine
from shared.settings import CustomerSettings
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import a_customer
from tests.fakes.clock import FakeClock
from tests.integration.customers.booked_cinema import places_naming
from tests.servers.audited_stack import AuditedStack
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.integration


class Bookings:
    """A customer books and cancels, and everything is carried and projected, round after round until it is over."""

    def __init__(self, stack: AuditedStack, customer: CustomerId) -> None:
        self._stack = stack
        self._customer = customer
        self._over = threading.Event()
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._live)
        self.begun = threading.Event()
        self.rounds = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.begun.wait(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=60)
        assert self._failures == []

    def _live(self) -> None:
        database = OutboxDatabase(self._stack.variables["WRITE_DATABASE_URL"])
        try:
            side = build_write_side(
                house_settings(database.url),
                store=sql_write_store(database.engine),
                clock=FakeClock(datetime.now(UTC)),
            )
            while not self._over.is_set():
                self._book(Cinema(side))
        except BaseException as error:  # noqa: BLE001 told to the thread that waits
            self._failures.append(error)
        finally:
            database.close()

    def _book(self, cinema: Cinema) -> None:
        held = cinema.reserve(self._stack.showtime, "A-5", customer=self._customer)
        cinema.cancel(held.state.reservation_id, note="Jan Novák can't come")
        asyncio.run(self._stack.carry_now())
        self._stack.project()
        self.rounds += 1
        self.begun.set()


def forget(stack: AuditedStack, customer: UUID) -> bool:
    """Whether it could be finished."""
    values = {name.lower(): value for name, value in stack.variables.items()}
    with open_customer_desk(CustomerSettings.model_validate(values)) as parts:
        try:
            ForgetCustomer(parts)(customer, also_live=True)
        except (ErasureUnfinishedError, EventsUnderWayError):
            return False
        return True


def naming(stack: AuditedStack, *words: object) -> list[str]:
    engines = [
        create_database_engine(stack.variables[name], lock_wait_seconds=5.0, pool_size=1)
        for name in ("WRITE_DATABASE_URL", "REPORTING_DATABASE_URL")
    ]
    with (
        MongoClient[dict[str, Any]](stack.mongo_url) as mongo,
        cast(Any, Redis).from_url(stack.redis_url) as redis,
    ):
        found = places_naming(*words, engines=engines, views=mongo[stack.mongo_database], redis=redis)
    for engine in engines:
        engine.dispose()
    return found


def pseudonymised(stack: AuditedStack, customer: UUID) -> int:
    query = "SELECT count(*) FROM Reservations WHERE CustomerId <> :c"
    return int(stack.count("cinema", query, c=customer.hex))


def test_a_customer_who_books_on_is_forgotten_up_to_the_last_booking(stack: AuditedStack) -> None:
    customer = a_customer()
    before = pseudonymised(stack, customer)
    with Bookings(stack, customer) as life:
        rounds = life.rounds
        forget(stack, customer)
        assert pseudonymised(stack, customer) >= before + rounds
    assert forget(stack, customer)
    assert naming(stack, customer, "Novák") == []
    stack.project()  # the hub's old events once more
    assert naming(stack, customer, "Novák") == []
    assert stack.audit().findings == []
