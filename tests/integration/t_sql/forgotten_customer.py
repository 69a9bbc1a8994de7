"""The statements with which a customer is forgotten."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Engine, select

from shared.application.customers.ports import Station
from shared.infrastructure.sql.customer_erasures import SqlErasureLedger
from shared.infrastructure.sql.customer_events_archived import SqlCustomerArchive
from shared.infrastructure.sql.customer_passage import SqlPassage
from shared.infrastructure.sql.customer_rows import (
    SqlCustomerAnswers,
    SqlCustomerMessages,
    SqlCustomerReservations,
    SqlReservationOwners,
)
from shared.infrastructure.sql.write_tables import reservations
from tests.builders.showtimes import NOON


def forget_customer(write: Engine, reporting: Engine) -> None:
    """Twice begun, so that a run that takes over is recorded too."""
    owners, ledger = SqlReservationOwners(write), SqlErasureLedger(write)
    with write.connect() as connection:
        query = select(reservations.c.CustomerId).order_by(reservations.c.Id).limit(1)
        (customer,) = connection.exec_driver_sql(
            str(query.compile(write, compile_kwargs={"literal_binds": True}))
        ).one()
        connection.exec_driver_sql(
            "INSERT INTO Idempotency (RequestKey, Fingerprint, Answer, Sequence, CreatedAt) VALUES ('k', 'f', ?, 1, ?)",
            (f'{{"created": true, "state": {{"customer_id": "{UUID(customer)}"}}}}', "2026-12-01 12:00:00"),
        )
        connection.commit()
    customer_id = UUID(customer)
    assert ledger.under_way(customer_id) is None
    assert ledger.knows(customer_id)
    assert ledger.live(customer_id, at=NOON - timedelta(days=1), most=10) == []
    ledger.begin(customer_id, pseudonym=uuid4(), run=uuid4(), at=NOON)
    erasure = ledger.begin(customer_id, pseudonym=uuid4(), run=uuid4(), at=NOON)
    stations: list[Station] = [
        SqlCustomerReservations(write),
        SqlCustomerAnswers(write),
        SqlCustomerMessages(write, owners=owners),
        SqlCustomerArchive(reporting, owners=owners),
    ]
    found = {station.name: station.count(customer_id) for station in stations}
    assert {station.name: station.rewrite(erasure) for station in stations} == found
    passage = SqlPassage(write=write, reporting=reporting)
    theirs = owners.of({customer_id, erasure.pseudonym})
    passage.waiting(theirs)
    assert passage.due_in_views(theirs) != frozenset()
    assert ledger.finish(erasure)
