"""Where EventLog names a customer. One field of an event's text changes, and nothing else of its row (docs/decisions/0037)."""

from itertools import islice
from uuid import UUID

from sqlalchemy import Engine

from shared.application.audit.findings import EVENT_LOG
from shared.application.customers.erasure import Erasure
from shared.application.customers.ports import Reservations
from shared.contracts.personal_data import is_about
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.customer_rows import new_texts, renewed_payloads
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.payload_walk import rows_naming
from shared.infrastructure.sql.reporting_tables import event_log

_CHUNK = 100


class SqlCustomerArchive:
    """The `Station` of EventLog."""

    name = EVENT_LOG

    def __init__(self, engine: Engine, *, owners: Reservations) -> None:
        self._writing = engine
        self._reading = for_reading(engine)
        self._owners = owners

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`."""
        pages = rows_naming(
            self._reading, customer_id, table=event_log, texts=event_log.c.Payload, station=EVENT_LOG
        )
        return sum(is_about(row.Payload, customer_id) for rows in pages for row in rows)

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`. Nobody else ever changes a row of EventLog, so that there is nothing to lock first."""
        total = 0
        pages = rows_naming(
            self._reading,
            erasure.customer_id,
            erasure.pseudonym,
            table=event_log,
            texts=event_log.c.Payload,
            station=EVENT_LOG,
        )
        for rows in pages:
            pending = iter(renewed_payloads(rows, erasure=erasure, owners=self._owners).items())
            while chunk := list(islice(pending, _CHUNK)):
                with station_transaction(self._writing, station=EVENT_LOG) as connection:
                    connection.execute(
                        new_texts(event_log, event_log.c.Payload),
                        [{"row_id": row_id, "new_text": new_text} for row_id, new_text in chunk],
                    )
                total += len(chunk)
        return total
