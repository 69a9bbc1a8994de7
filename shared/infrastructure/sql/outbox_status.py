"""How the outbox stands, read from its tables: three seeks for each lane, and three bounded ranges for each sink."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, ScalarSelect, Select, func, select

from shared.application.outbox.status import (
    COUNTED_TO,
    LaneBackoff,
    LaneLease,
    OldestPending,
    OutboxStatus,
    SinkStatus,
    Tally,
)
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.outbox_clock import DatabaseNow
from shared.infrastructure.sql.outbox_queries import first_delivery, lane_with_hold, resumed_hold
from shared.infrastructure.sql.outbox_store import outbox_transaction
from shared.infrastructure.sql.outbox_tables import NOBODY, deliveries, holds, lanes, messages

Lane = Row[*tuple[Any, ...]]


class SqlOutboxStatus:
    """An `OutboxStatusReader` over the write database. Beyond `counted_to` nothing is counted."""

    def __init__(self, engine: Engine, *, counted_to: int = COUNTED_TO) -> None:
        self._engine = for_reading(engine)
        self._counted_to = counted_to

    def read(self) -> OutboxStatus:
        """See `OutboxStatusReader.read`."""
        with outbox_transaction(self._engine) as connection:
            now = connection.execute(select(DatabaseNow())).scalar_one()
            by_sink: dict[str, list[Lane]] = {}
            for lane in connection.execute(_every_lane()):
                by_sink.setdefault(lane.Sink, []).append(lane)
            oldest = _oldest(connection, by_sink.values(), now=now)
            return OutboxStatus(
                at=now,
                sinks=[
                    self._sink(connection, sink, of_sink, oldest=oldest, now=now)
                    for sink, of_sink in by_sink.items()
                ],
            )

    def _sink(
        self,
        connection: Connection,
        sink: str,
        of_sink: Sequence[Lane],
        *,
        oldest: dict[int, OldestPending],
        now: datetime,
    ) -> SinkStatus:
        counts = connection.execute(_counts(sink, limit=self._counted_to + 1)).one()
        leased = [lane for lane in of_sink if lane.Owner != NOBODY and lane.LeaseEnd > now]
        waiting = [lane for lane in of_sink if lane not in leased and lane.NextAttemptAt > now]
        return SinkStatus(
            sink=sink,
            pending=self._tally(counts.Pending),
            oldest=oldest.get(_first_of(of_sink)),
            held=self._tally(counts.Held),
            holds=self._tally(counts.Holds),
            delivered=sum(lane.Delivered for lane in of_sink),
            lanes=len(of_sink),
            work_in=[
                lane.Lane for lane in of_sink if lane.FirstMessage is not None or lane.ResumedHold is not None
            ],
            held_in=[lane.Lane for lane in of_sink if lane.LaneWithHold == lane.Lane],
            leases=[_lease(lane) for lane in leased],
            backoffs=[_backoff(lane) for lane in waiting],
        )

    def _tally(self, counted: int) -> Tally:
        return Tally(count=min(counted, self._counted_to), exact=counted <= self._counted_to)


def _every_lane() -> Select[*tuple[Any, ...]]:
    return select(
        lanes,
        first_delivery().label("FirstMessage"),
        resumed_hold().label("ResumedHold"),
        lane_with_hold().label("LaneWithHold"),
    ).order_by(lanes.c.Sink, lanes.c.Lane)


def _counts(sink: str, *, limit: int) -> Select[*tuple[Any, ...]]:
    """Up to `limit` of each sort. Sorted as their indexes are: else a database may scan what it need only begin."""
    of_sink = deliveries.c.Sink == sink
    by_key = (deliveries.c.Lane, deliveries.c.MessageId)
    return select(
        _counted(select(*by_key).where(of_sink, deliveries.c.Lane >= 0), by_key, limit=limit).label(
            "Pending"
        ),
        _counted(select(*by_key).where(of_sink, deliveries.c.Lane < 0), by_key, limit=limit).label("Held"),
        _counted(select(holds.c.StreamId).where(holds.c.Sink == sink), [holds.c.StreamId], limit=limit).label(
            "Holds"
        ),
    )


def _counted(
    rows: Select[*tuple[Any, ...]], order: Iterable[ColumnElement[Any]], *, limit: int
) -> ScalarSelect[int]:
    first = rows.order_by(*order).limit(limit).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


def _oldest(
    connection: Connection, by_sink: Iterable[Sequence[Lane]], *, now: datetime
) -> dict[int, OldestPending]:
    """The first pending message of each sink, by its id."""
    ids = sorted({_first_of(of_sink) for of_sink in by_sink} - {_NONE})
    query = select(messages.c.Id, messages.c.EventId, messages.c.StreamId, messages.c.OccurredAt).where(
        messages.c.Id.in_(ids)
    )
    return {
        row.Id: OldestPending(
            message_id=row.Id,
            event_id=row.EventId,
            stream_id=row.StreamId,
            # The command's clock may be ahead of the database's.
            age_seconds=max((now - row.OccurredAt).total_seconds(), 0.0),
        )
        for row in connection.execute(query)
    }


_NONE = 0
"""No message has this id."""


def _first_of(of_sink: Sequence[Lane]) -> int:
    return min((lane.FirstMessage for lane in of_sink if lane.FirstMessage is not None), default=_NONE)


def _lease(lane: Lane) -> LaneLease:
    return LaneLease(lane=lane.Lane, owner=lane.Owner, ends_at=lane.LeaseEnd, epoch=lane.Epoch)


def _backoff(lane: Lane) -> LaneBackoff:
    return LaneBackoff(lane=lane.Lane, failures=lane.Failures, next_attempt_at=lane.NextAttemptAt)
