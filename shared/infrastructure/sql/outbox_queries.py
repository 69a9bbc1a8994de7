"""The master's statements.

Only the claim skips locked rows. A lane's number is also that of a siding, which is the lane `-Id` of a hold. The read of a lane takes no lock and no hint: it sees row versions, and since a
stream's ids ascend in the order of its commits, the first deliveries by id are a prefix of each stream. A locking
read that skips rows could overtake an earlier event of the same stream.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Delete, ScalarSelect, Select, Update, delete, or_, select, update

from shared.application.outbox.dead_letters import HoldState
from shared.application.outbox.ports import Claim
from shared.infrastructure.sql.id_arrays import number_is_among
from shared.infrastructure.sql.outbox_clock import DatabaseNow, seconds_from_now
from shared.infrastructure.sql.outbox_tables import NEVER, NOBODY, deliveries, holds, lanes, messages

CLAIM_HINT = "WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK)"
"""SQL Server: skip lanes that others are claiming; row versions would show them as they were before."""

_FIELDS = {
    "Id": "id",
    "EventId": "event_id",
    "StreamId": "stream_id",
    "Sequence": "sequence",
    "Lane": "lane",
    "AggregateType": "aggregate_type",
    "AggregateId": "aggregate_id",
    "Version": "version",
    "Type": "type",
    "Payload": "payload",
    "TraceParent": "traceparent",
    "OccurredAt": "occurred_at",
}


def lanes_with_work(sinks: Sequence[str]) -> Select[Any, Any]:
    """One seek into the deliveries, and one into the holds, for each free lane.

    Scalar subqueries with a limit and an order, since PostgreSQL would turn an EXISTS into a join that scans every
    delivery, and take a scan for the quickest way to any one row.
    """
    now = DatabaseNow()
    return select(lanes.c.Sink, lanes.c.Lane).where(
        lanes.c.Sink.in_(sinks),
        lanes.c.LeaseEnd <= now,
        lanes.c.NextAttemptAt <= now,
        or_(first_delivery().is_not(None), resumed_hold().is_not(None)),
    )


def first_delivery() -> ScalarSelect[int]:
    """The id of the first message that stands in a lane."""
    return (
        select(deliveries.c.MessageId)
        .where(deliveries.c.Sink == lanes.c.Sink, deliveries.c.Lane == lanes.c.Lane)
        .order_by(deliveries.c.MessageId)
        .limit(1)
        .scalar_subquery()
    )


def resumed_hold() -> ScalarSelect[int]:
    """The id of the first hold of a lane that is to be carried."""
    resumed = holds.c.State == HoldState.RESUMED
    return (
        select(holds.c.Id)
        .where(holds.c.Sink == lanes.c.Sink, holds.c.Lane == lanes.c.Lane, resumed)
        .order_by(holds.c.Id)
        .limit(1)
        .scalar_subquery()
    )


def lane_with_hold() -> ScalarSelect[int]:
    """The first lane, from this one on, in which a stream is held.

    Its order has the index walked. Asked for this lane alone, a database that knows that most lanes have holds scans for one.
    """
    held = holds.c.State == HoldState.HELD
    return (
        select(holds.c.Lane)
        .where(holds.c.Sink == lanes.c.Sink, holds.c.Lane >= lanes.c.Lane, held)
        .order_by(holds.c.Lane)
        .limit(1)
        .scalar_subquery()
    )


def claimable_lane(*, sink: str, lane: int) -> Select[*tuple[Any, ...]]:
    """The lane's row, locked, if it is free and due; no row if another is claiming it."""
    now = DatabaseNow()
    return (
        select(lanes.c.Owner, lanes.c.Epoch, lanes.c.Failures, resumed_hold().label("Siding"))
        .where(
            lanes.c.Sink == sink,
            lanes.c.Lane == lane,
            lanes.c.LeaseEnd <= now,
            lanes.c.NextAttemptAt <= now,
        )
        .with_for_update(of=lanes, skip_locked=True)
        .with_hint(lanes, CLAIM_HINT, "mssql")
    )


def first_messages(sink: str, *, lane: int, limit: int) -> Select[*tuple[Any, ...]]:
    """The first deliveries by id, and then only those sorted: ordering the whole lane would cost its length.

    `hold_id` says which hold a message waits behind, if any.
    """
    first = (
        select(deliveries.c.MessageId)
        .where(deliveries.c.Sink == sink, deliveries.c.Lane == lane)
        .order_by(deliveries.c.MessageId)
        .limit(limit)
        .subquery()
    )
    return (
        select(holds.c.Id.label("hold_id"), *[column.label(_FIELDS[column.name]) for column in messages.c])
        .select_from(messages)
        .join(first, first.c.MessageId == messages.c.Id)
        .outerjoin(holds, (holds.c.Sink == sink) & (holds.c.StreamId == messages.c.StreamId))
        .order_by(messages.c.StreamId, messages.c.Sequence)
    )


def lease(claim: Claim, *, seconds: float, wait: float) -> Update:
    """Hold the claimed lane for some seconds.

    A lane that was taken over is not due again before `wait` seconds beyond the lease: its batch may kill processes.
    """
    change = (
        update(lanes)
        .where(lanes.c.Sink == claim.sink, lanes.c.Lane == claim.lane)
        .values(
            Owner=claim.owner,
            LeaseEnd=seconds_from_now(seconds),
            Epoch=claim.epoch,
            Failures=claim.failures,
        )
    )
    return change.values(NextAttemptAt=seconds_from_now(seconds + wait)) if claim.taken_over else change


def release(claim: Claim, *, delivered: int, failures: int, wait: float) -> Update:
    """Free the lane, if it is still held under this claim: no row matches once another has claimed it."""
    return (
        update(lanes)
        .where(
            lanes.c.Sink == claim.sink,
            lanes.c.Lane == claim.lane,
            lanes.c.Epoch == claim.epoch,
            lanes.c.Owner == claim.owner,
        )
        .values(
            Owner=NOBODY,
            LeaseEnd=NEVER,
            Failures=failures,
            NextAttemptAt=seconds_from_now(wait) if wait else NEVER,
            Delivered=lanes.c.Delivered + delivered,
        )
    )


def acknowledge(claim: Claim, *, delivered: Sequence[int]) -> Delete:
    """Delete by explicit id, never by range: a message with a lower id may be committed later."""
    return delete(deliveries).where(
        deliveries.c.Sink == claim.sink,
        deliveries.c.Lane.in_([claim.lane] if claim.siding is None else [claim.lane, -claim.siding]),
        number_is_among(deliveries.c.MessageId, delivered),
    )
