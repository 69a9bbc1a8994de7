"""Walking through a table's texts by ranges of its key, since no index leads to what is within a text.

The database looks through the texts; only rows that may match come over. A range is a statement of its own, without a
lock, so that no statement lasts longer the more history there is.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Engine, Row, Table, func, or_, select

from shared.infrastructure.sql.audit_reading import station_transaction

RANGE = 2_000
"""Keys looked through at a time."""


def rows_naming(
    engine: Engine, *ids: UUID, table: Table, texts: Column[str], station: str
) -> Iterator[list[Row[*tuple[Any, ...]]]]:
    """The rows whose text has one of the ids in its usual notation, range by range, the empty ones left out.

    Raises:
        StationUnreadableError: the database does not answer.
    """
    with station_transaction(engine, station=station) as connection:
        first, last = connection.execute(select(func.min(table.c.Id), func.max(table.c.Id))).one()
    for begin in range(first or 0, (last or 0) + 1, RANGE):
        query = (
            select(table)
            .where(
                table.c.Id >= begin,
                table.c.Id < begin + RANGE,
                or_(*(texts.contains(str(each)) for each in ids)),
            )
            .order_by(table.c.Id)
        )
        with station_transaction(engine, station=station) as connection:
            rows = list(connection.execute(query).all())
        if rows and last is not None:
            yield rows
