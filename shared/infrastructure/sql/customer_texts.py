"""Texts in which customers are named, wherever they are kept: finding them, and rewriting a chunk of them at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Engine, Row, Table, bindparam, update

from shared.application.customers.erasure import Erasure
from shared.application.customers.ports import Reservations
from shared.application.customers.renewal import needs_renewal, renewed
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.payload_walk import rows_naming

_CHUNK = 100

AnyRow = Row[*tuple[Any, ...]]
Renew = Callable[[Sequence[AnyRow]], dict[int, str]]
"""The new texts of those rows that an erasure rewrites, by their keys."""


class CustomerTexts:
    """One column of texts. `step` opens the transaction in which a chunk of them is rewritten."""

    def __init__(
        self,
        engine: Engine,
        *,
        table: Table,
        texts: Column[str],
        station: str,
        step: Callable[[Erasure], AbstractContextManager[Connection]],
    ) -> None:
        self._reading = for_reading(engine)
        self._table = table
        self._texts = texts
        self._station = station
        self._step = step

    def naming(self, customer_id: UUID) -> Iterator[AnyRow]:
        """The rows whose text has the customer's id, wherever in it."""
        for rows in self._pages(customer_id):
            yield from rows

    def rewrite(self, erasure: Erasure, *, renew: Renew) -> int:
        """See `Station.rewrite`."""
        total = 0
        for rows in self._pages(erasure.customer_id, erasure.pseudonym):
            pending = iter(renew(rows).items())
            while chunk := list(islice(pending, _CHUNK)):
                with self._step(erasure) as connection:
                    connection.execute(
                        self._new_texts(),
                        [{"row_id": row_id, "new_text": new_text} for row_id, new_text in chunk],
                    )
                total += len(chunk)
        return total

    def _pages(self, *ids: UUID) -> Iterator[list[AnyRow]]:
        return rows_naming(self._reading, *ids, table=self._table, texts=self._texts, station=self._station)

    def _new_texts(self) -> Any:
        """An update of a row's text, by its key in ascending order."""
        return (
            update(self._table)
            .where(self._table.c.Id == bindparam("row_id"))
            .values({self._texts.name: bindparam("new_text", type_=self._texts.type)})
        )


def renewed_payloads(rows: Sequence[AnyRow], *, erasure: Erasure, owners: Reservations) -> dict[int, str]:
    """The new texts of those rows, of the outbox or of EventLog, that an erasure rewrites."""
    theirs = [row for row in rows if needs_renewal(row.Payload, erasure)]
    known = owners.owners({UUID(row.AggregateId) for row in theirs})
    return {
        row.Id: renewed(row.Payload, erasure=erasure, owner=known.get(UUID(row.AggregateId)))
        for row in theirs
    }
