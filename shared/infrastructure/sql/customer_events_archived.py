"""Where EventLog names a customer. One field of an event's text changes, and nothing else of its row (docs/decisions/0037)."""

from uuid import UUID

from sqlalchemy import Engine

from shared.application.audit.findings import EVENT_LOG
from shared.application.customers.erasure import Erasure
from shared.application.customers.ports import Reservations
from shared.contracts.personal_data import is_about
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.customer_texts import CustomerTexts, renewed_payloads
from shared.infrastructure.sql.reporting_tables import event_log


class SqlCustomerArchive:
    """The `Station` of EventLog."""

    name = EVENT_LOG

    def __init__(self, engine: Engine, *, owners: Reservations) -> None:
        self._owners = owners
        self._texts = CustomerTexts(
            engine,
            table=event_log,
            texts=event_log.c.Payload,
            station=EVENT_LOG,
            # Nobody else ever changes a row of EventLog, so that there is nothing to lock first.
            step=lambda _: station_transaction(engine, station=EVENT_LOG),
        )

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`."""
        return sum(is_about(row.Payload, customer_id) for row in self._texts.naming(customer_id))

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`."""
        return self._texts.rewrite(
            erasure, renew=lambda rows: renewed_payloads(rows, erasure=erasure, owners=self._owners)
        )
