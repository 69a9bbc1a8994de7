"""Forgetting customers, wired: it reads and writes wherever a customer's id rests."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from shared.application.clock import RandomIdGenerator, SystemClock
from shared.application.customers.forget_customer import ForgettingParts
from shared.application.customers.passing import WaitUntilPassed
from shared.bootstrap.generations import generations_seen
from shared.bootstrap.projector import open_projector_parts
from shared.bootstrap.reading import both_engines
from shared.infrastructure.cache.redis_customer_entries import RedisCustomerEntries
from shared.infrastructure.mongo.mongo_customer_views import (
    MongoCustomerFailures,
    MongoCustomerViews,
    MongoViewProgressOfEvents,
)
from shared.infrastructure.sql.customer_erasures import SqlErasureLedger
from shared.infrastructure.sql.customer_events_archived import SqlCustomerArchive
from shared.infrastructure.sql.customer_passage import SqlPassage
from shared.infrastructure.sql.customer_rows import (
    SqlCustomerAnswers,
    SqlCustomerMessages,
    SqlCustomerReservations,
    SqlReservationOwners,
)
from shared.settings import CustomerSettings


@contextmanager
def open_customer_desk(settings: CustomerSettings) -> Generator[ForgettingParts]:
    """All that knows customers; its connections are closed with the context.

    Raises:
        SettingsError: a URL names nothing that this product speaks to.
        StationUnreadableError: there is no file where SQLite's should be.
        ViewStoreUnavailableError: the views do not answer.
    """
    with both_engines(settings) as (write, reporting), open_projector_parts(settings) as projectors:
        views = projectors.database
        owners = SqlReservationOwners(write)
        cached = RedisCustomerEntries(
            projectors.redis, reservations=owners, generations=generations_seen(views)
        )
        yield ForgettingParts(
            ledger=SqlErasureLedger(write),
            stations=[
                SqlCustomerReservations(write),
                SqlCustomerAnswers(write),
                SqlCustomerMessages(write, owners=owners),
                SqlCustomerArchive(reporting, owners=owners),
                MongoCustomerViews(views, owners=owners, evict=cached.evict),
                MongoCustomerFailures(views, owners=owners),
                cached,
            ],
            wait_until_passed=WaitUntilPassed(
                reservations=owners,
                passage=SqlPassage(write=write, reporting=reporting),
                views=MongoViewProgressOfEvents(views),
                monotonic=time.monotonic,
                pause=time.sleep,
                patience_seconds=settings.customer_patience_seconds,
            ),
            clock=SystemClock(),
            ids=RandomIdGenerator(),
            pause=time.sleep,
        )
