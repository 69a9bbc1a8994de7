"""The write database, for the audit: streams, their messages, what waits for whom, and the business rows.

It takes no lock. A delivery only ever moves from its lane to a siding, so that who reads the lanes before the sidings
misses none; and a discard is recorded when its delivery goes, so that who reads it after these misses none either.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, null, select

from shared.application.audit.findings import OUTBOX
from shared.application.audit.records import AggregateKey, RecordedEvent, RowState, WriteRecord
from shared.infrastructure.sql.audit_reading import published_body, recorded, station_transaction
from shared.infrastructure.sql.audit_write_queries import (
    Query,
    discards_of,
    holds_of,
    waiting_in_lanes,
    waiting_in_sidings,
)
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.id_arrays import uuid_is_among
from shared.infrastructure.sql.outbox_tables import messages, streams
from shared.infrastructure.sql.write_tables import auditoriums, movies, reservations, showtimes


class SqlWriteReader:
    """A `WriteReader`. It is asked for a page of streams at a time, each of which is a parameter."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def streams_after(self, stream_id: str, *, limit: int) -> list[tuple[str, int]]:
        """See `WriteReader.streams_after`."""
        query = (
            select(streams.c.StreamId, streams.c.LastSequence)
            .where(streams.c.StreamId > stream_id)
            .order_by(streams.c.StreamId)
            .limit(limit)
        )
        with station_transaction(self._engine, station=OUTBOX) as connection:
            return [(row.StreamId, row.LastSequence) for row in connection.execute(query)]

    def last_sequences(self, stream_ids: Collection[str]) -> dict[str, int]:
        """See `WriteReader.last_sequences`."""
        with station_transaction(self._engine, station=OUTBOX) as connection:
            return _heads(connection, stream_ids)

    def read(self, stream_ids: Collection[str]) -> dict[str, WriteRecord]:
        """See `WriteReader.read`."""
        with station_transaction(self._engine, station=OUTBOX) as connection:
            heads = _heads(connection, stream_ids)
            events = _messages(connection, heads)
            waiting = _by_stream(
                row
                for query in (waiting_in_lanes(heads), waiting_in_sidings(heads))
                for row in connection.execute(query)
            )
            held: dict[str, set[str]] = defaultdict(set)
            for row in connection.execute(holds_of(heads)):
                held[row.StreamId].add(row.Sink)
            discarded = _by_stream(connection.execute(discards_of(heads)))
        return {
            stream_id: WriteRecord(
                stream_id=stream_id,
                last_sequence=last,
                messages=events[stream_id],
                waiting=_frozen(waiting[stream_id]),
                held=frozenset(held[stream_id]),
                discarded=_frozen(discarded[stream_id]),
            )
            for stream_id, last in heads.items()
        }

    def rows(self, keys: Collection[AggregateKey]) -> dict[AggregateKey, RowState]:
        """See `WriteReader.rows`."""
        found: dict[AggregateKey, RowState] = {}
        ids: dict[str, list[str]] = defaultdict(list)
        for kind, identity in keys:
            ids[kind].append(identity)
        with station_transaction(self._engine, station=OUTBOX) as connection:
            for kind, query in _row_queries(ids).items():
                for row in connection.execute(query):
                    found[kind, str(row.AggregateId)] = RowState(version=row.Version, status=row.Status)
        return found


def _heads(connection: Connection, stream_ids: Collection[str]) -> dict[str, int]:
    query = select(streams.c.StreamId, streams.c.LastSequence).where(
        streams.c.StreamId.in_(sorted(stream_ids))
    )
    return {row.StreamId: row.LastSequence for row in connection.execute(query)}


def _messages(connection: Connection, stream_ids: Collection[str]) -> dict[str, dict[int, RecordedEvent]]:
    found: dict[str, dict[int, RecordedEvent]] = defaultdict(dict)
    for row in connection.execute(select(messages).where(messages.c.StreamId.in_(sorted(stream_ids)))):
        found[row.StreamId][row.Sequence] = recorded(row, body=published_body(row))
    return found


def _by_stream(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[str, dict[str, set[int]]]:
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        found[row.StreamId][row.Sink].add(row.Sequence)
    return found


def _frozen(sequences: Mapping[str, set[int]]) -> dict[str, frozenset[int]]:
    return {sink: frozenset(some) for sink, some in sequences.items()}


def _row_queries(ids: Mapping[str, list[str]]) -> dict[str, Query]:
    """For each type of aggregate that is asked for, its rows in the same three columns."""
    queries: dict[str, Query] = {}
    for kind, table, key in (
        ("Showtime", showtimes, showtimes.c.ShowtimeId),
        ("Reservation", reservations, reservations.c.ReservationId),
    ):
        if wanted := _uuids(ids.get(kind, [])):
            queries[kind] = select(key.label("AggregateId"), table.c.Version, table.c.Status).where(
                uuid_is_among(key, wanted)
            )
    for kind, table, key in (
        ("Movie", movies, movies.c.MovieId),
        ("Auditorium", auditoriums, auditoriums.c.AuditoriumId),
    ):
        if wanted := ids.get(kind):
            queries[kind] = select(key.label("AggregateId"), table.c.Version, null().label("Status")).where(
                key.in_(sorted(wanted))
            )
    return queries


def _uuids(texts: Iterable[str]) -> list[UUID]:
    """Those that are UUIDs; no row has another id."""
    found: list[UUID] = []
    for text in sorted(texts):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
