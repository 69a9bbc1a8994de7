"""Letting events wait for a sink once more. What retention has taken out of the outbox is put back from the archive."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, insert, select

from shared.application.audit.findings import OUTBOX
from shared.application.audit.records import RecordedEvent
from shared.application.outbox.lanes import lane_of
from shared.infrastructure.sql.audit_reading import station_transaction
from shared.infrastructure.sql.audit_write_queries import waiting_in_lanes, waiting_in_sidings
from shared.infrastructure.sql.outbox_tables import deliveries, messages
from shared.infrastructure.sql.row_locks import locked


class SqlRedelivery:
    """A `Redelivery`. Each call is one transaction.

    A message is locked before its delivery is inserted, since retention would delete it otherwise (`outbox_retention`
    says why), and not only shared: two repairs at once shall not both find that it does not wait.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def deliver_again(self, sink: str, events: Sequence[RecordedEvent]) -> int:
        """See `Redelivery.deliver_again`."""
        with station_transaction(self._engine, station=OUTBOX) as connection:
            ids = {event.sequence: _locked_message(connection, event) for event in events}
            waiting = _waiting(connection, sink, stream_id=events[0].stream_id)
            missing = [ids[event.sequence] for event in events if event.sequence not in waiting]
            lane = lane_of(events[0].stream_id)
            for message_id in missing:
                connection.execute(insert(deliveries).values(Sink=sink, Lane=lane, MessageId=message_id))
            return len(missing)


def _locked_message(connection: Connection, event: RecordedEvent) -> int:
    query = select(messages.c.Id).where(
        messages.c.StreamId == event.stream_id, messages.c.Sequence == event.sequence
    )
    found = connection.scalar(locked(query, messages))
    return _put_back(connection, event) if found is None else found


def _put_back(connection: Connection, event: RecordedEvent) -> int:
    """With the time at which it happened, so that retention takes it again once it was delivered."""
    values = {
        "EventId": event.event_id,
        "StreamId": event.stream_id,
        "Sequence": event.sequence,
        "Lane": lane_of(event.stream_id),
        "AggregateType": event.aggregate_type,
        "AggregateId": event.aggregate_id,
        "Version": event.version,
        "Type": event.type,
        "Payload": event.payload,
        "TraceParent": None,
        "OccurredAt": event.occurred_at,
    }
    return connection.execute(insert(messages).values(values).returning(messages.c.Id)).scalar_one()


def _waiting(connection: Connection, sink: str, *, stream_id: str) -> set[int]:
    return {
        row.Sequence
        for query in (waiting_in_lanes([stream_id]), waiting_in_sidings([stream_id]))
        for row in connection.execute(query.where(deliveries.c.Sink == sink))
    }
