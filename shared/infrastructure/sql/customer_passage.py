"""How far the events of some reservations have come, by the outbox and by EventLog."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, select

from shared.application.audit.findings import EVENT_LOG, OUTBOX
from shared.application.customers.erasure import EventPlace
from shared.application.outbox.dead_letters import HoldState
from shared.application.outbox.routing import DOMAIN_EVENTS
from shared.application.streams import showtime_stream
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.audit_write_queries import discards_of, waiting_in_lanes, waiting_in_sidings
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.outbox_tables import holds, messages
from shared.infrastructure.sql.reporting_tables import event_log

_AT_ONCE = 200
"""Reservations asked for in one statement, in which each is a parameter."""


class SqlPassage:
    """A `Passage`."""

    def __init__(self, *, write: Engine, reporting: Engine) -> None:
        self._write = for_reading(write)
        self._reporting = for_reading(reporting)

    def waiting(self, reservations: Mapping[UUID, UUID]) -> Mapping[str, frozenset[EventPlace]]:
        """See `Passage.waiting`. Lanes before sidings: a delivery only ever moves in this direction."""
        found: dict[str, set[EventPlace]] = defaultdict(set)
        for some in _pages(reservations):
            streams, ids = _streams(some), _texts(some)
            mine = messages.c.AggregateId.in_(ids)
            resumed = holds.c.State == HoldState.RESUMED.value
            with station_transaction(self._write, station=OUTBOX) as connection:
                for query in (waiting_in_lanes(streams), waiting_in_sidings(streams).where(resumed)):
                    for row in connection.execute(query.where(mine)):
                        found[row.Sink].add(EventPlace(row.StreamId, row.Sequence))
        return {sink: frozenset(places) for sink, places in found.items()}

    def due_in_views(self, reservations: Mapping[UUID, UUID]) -> frozenset[EventPlace]:
        """See `Passage.due_in_views`."""
        due: set[EventPlace] = set()
        for some in _pages(reservations):
            streams = _streams(some)
            with station_transaction(self._write, station=OUTBOX) as connection:
                known = _places(connection, _events_of(some, messages))
                kept_back = _kept_from_the_hub(connection, streams)
            with station_transaction(self._reporting, station=EVENT_LOG) as connection:
                known |= _places(connection, _events_of(some, event_log))
            due |= known - kept_back
        return frozenset(due)


def _kept_from_the_hub(connection: Connection, streams: list[str]) -> set[EventPlace]:
    """What stands behind a dead letter for the projector's hub, or was discarded there."""
    siding = [row for row in connection.execute(waiting_in_sidings(streams)) if row.Sink == DOMAIN_EVENTS]
    gaps = [row for row in connection.execute(discards_of(streams)) if row.Sink == DOMAIN_EVENTS]
    return {EventPlace(row.StreamId, row.Sequence) for row in (*siding, *gaps)}


def _events_of(reservations: Mapping[UUID, UUID], table: Any) -> Select[*tuple[Any, ...]]:
    return select(table.c.StreamId, table.c.Sequence).where(
        table.c.StreamId.in_(_streams(reservations)), table.c.AggregateId.in_(_texts(reservations))
    )


def _places(connection: Connection, query: Select[*tuple[Any, ...]]) -> set[EventPlace]:
    return {EventPlace(row.StreamId, row.Sequence) for row in connection.execute(query)}


def _pages(reservations: Mapping[UUID, UUID]) -> Iterator[dict[UUID, UUID]]:
    pending = iter(sorted(reservations.items()))
    while some := dict(islice(pending, _AT_ONCE)):
        yield some


def _streams(reservations: Mapping[UUID, UUID]) -> list[str]:
    return sorted({showtime_stream(showtime_id) for showtime_id in reservations.values()})


def _texts(reservations: Mapping[UUID, UUID]) -> list[str]:
    return sorted(map(str, reservations))
