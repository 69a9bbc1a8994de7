"""Forgetting a customer who books on, beside a master that carries and a projector that follows."""

from typing import Any, cast
from uuid import UUID

import pytest
from pymongo import MongoClient
from redis import Redis

from shared.application.customers.erasure import ErasureUnfinishedError, EventsUnderWayError
from shared.application.customers.forget_customer import ForgetCustomer
from shared.bootstrap.customers import open_customer_desk
from shared.infrastructure.sql.engine import create_database_engine
from shared.settings import CustomerSettings
from tests.builders.reservations import a_customer
from tests.integration.customers.booked_cinema import places_naming
from tests.servers.audited_stack import AuditedStack
from tests.servers.booking_on import BookingOn

pytestmark = [pytest.mark.integration, pytest.mark.full]


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
    with BookingOn(stack, customer=lambda: customer, note="Jan Novák can't come") as life:
        rounds = life.rounds
        forget(stack, customer)
        assert pseudonymised(stack, customer) >= before + rounds
    assert forget(stack, customer)
    assert naming(stack, customer, "Novák") == []
    stack.project()  # the hub's old events once more
    assert naming(stack, customer, "Novák") == []
    assert stack.audit().findings == []
