"""Where the write database names a customer: reservations, stored answers and the outbox.

Each step is a transaction that locks the erasure's row first, and changes at most a chunk of rows.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Engine, func, select, update

from shared.application.audit.findings import OUTBOX, WRITE_ROWS
from shared.application.customers.erasure import Erasure
from shared.application.customers.ports import Reservations
from shared.contracts.personal_data import is_about
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.customer_erasures import own_step
from shared.infrastructure.sql.customer_texts import AnyRow, CustomerTexts, renewed_payloads
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.id_arrays import uuid_is_among
from shared.infrastructure.sql.idempotency_table import idempotency
from shared.infrastructure.sql.outbox_tables import messages
from shared.infrastructure.sql.row_locks import locked
from shared.infrastructure.sql.write_tables import reservations

_CHUNK = 100
RESERVATIONS = "reservations"
ANSWERS = "answers"


class SqlReservationOwners:
    """A `Reservations`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def of(self, customers: Collection[UUID]) -> Mapping[UUID, UUID]:
        """See `Reservations.of`."""
        query = select(reservations.c.ReservationId, reservations.c.ShowtimeId).where(
            uuid_is_among(reservations.c.CustomerId, sorted(customers))
        )
        with station_transaction(self._engine, station=WRITE_ROWS) as connection:
            return {row.ReservationId: row.ShowtimeId for row in connection.execute(query)}

    def owners(self, reservation_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """See `Reservations.owners`."""
        query = select(reservations.c.ReservationId, reservations.c.CustomerId).where(
            uuid_is_among(reservations.c.ReservationId, sorted(reservation_ids))
        )
        with station_transaction(self._engine, station=WRITE_ROWS) as connection:
            return {row.ReservationId: row.CustomerId for row in connection.execute(query)}


class SqlCustomerReservations:
    """The `Station` of the rows of `Reservations`. Neither version nor status changes: nothing has happened."""

    name = RESERVATIONS

    def __init__(self, engine: Engine) -> None:
        self._writing = engine
        self._reading = for_reading(engine)

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`."""
        query = select(func.count()).select_from(reservations).where(reservations.c.CustomerId == customer_id)
        with station_transaction(self._reading, station=WRITE_ROWS) as connection:
            return connection.execute(query).scalar_one()

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`."""
        total = 0
        while rewritten := self._chunk(erasure):
            total += rewritten
        return total

    def _chunk(self, erasure: Erasure) -> int:
        theirs = (
            select(reservations.c.ReservationId)
            .where(reservations.c.CustomerId == erasure.customer_id)
            .order_by(reservations.c.ReservationId)
            .limit(_CHUNK)
        )
        with own_step(self._writing, erasure) as connection:
            ids = connection.scalars(locked(theirs, reservations)).all()
            if ids:
                connection.execute(
                    update(reservations)
                    .where(uuid_is_among(reservations.c.ReservationId, ids))
                    .values(CustomerId=erasure.pseudonym)
                )
            return len(ids)


class SqlCustomerAnswers:
    """The `Station` of what `Idempotency` keeps: each answer to a booking command has the whole reservation."""

    name = ANSWERS

    def __init__(self, engine: Engine) -> None:
        self._texts = CustomerTexts(
            engine,
            table=idempotency,
            texts=idempotency.c.Answer,
            station=WRITE_ROWS,
            step=lambda erasure: own_step(engine, erasure),
        )

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`."""
        return sum(_answers(row.Answer, customer_id) for row in self._texts.naming(customer_id))

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`."""
        return self._texts.rewrite(erasure, renew=lambda rows: _new_answers(rows, erasure=erasure))


class SqlCustomerMessages:
    """The `Station` of the outbox's messages, those that wait and those that are kept a while."""

    name = OUTBOX

    def __init__(self, engine: Engine, *, owners: Reservations) -> None:
        self._owners = owners
        self._texts = CustomerTexts(
            engine,
            table=messages,
            texts=messages.c.Payload,
            station=OUTBOX,
            step=lambda erasure: own_step(engine, erasure),
        )

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`."""
        return sum(is_about(row.Payload, customer_id) for row in self._texts.naming(customer_id))

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`. Who delivers a message reads its text again after every failure."""
        return self._texts.rewrite(
            erasure, renew=lambda rows: renewed_payloads(rows, erasure=erasure, owners=self._owners)
        )


def _answers(answer: str, customer_id: UUID) -> bool:
    state = _state_of(answer)
    return state is not None and state.get("customer_id") == str(customer_id)


def _new_answers(rows: Sequence[AnyRow], *, erasure: Erasure) -> dict[int, str]:
    found: dict[int, str] = {}
    for row in rows:
        if _answers(row.Answer, erasure.customer_id):
            kept = json.loads(row.Answer)
            kept["state"]["customer_id"] = str(erasure.pseudonym)
            found[row.Id] = json.dumps(kept, ensure_ascii=False)
    return found


def _state_of(answer: str) -> dict[str, Any] | None:
    """The state in an answer; None where there is none, as in one that is not complete yet."""
    try:
        kept: object = json.loads(answer)
    except ValueError:
        return None
    state: object = cast(dict[str, Any], kept).get("state") if isinstance(kept, dict) else None
    return cast(dict[str, Any], state) if isinstance(state, dict) else None
