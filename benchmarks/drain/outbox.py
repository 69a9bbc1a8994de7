"""A benchmark's databases: filled by thousands of rows a statement, and asked what is left to deliver."""

from collections.abc import Iterable
from itertools import islice
from typing import cast

from sqlalchemy import Connection, Engine, Table, func, insert, select

from benchmarks.drain.workload import SequencedMessage
from migrations.upgrade import upgrade
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.routing import sinks_of
from shared.contracts.envelope import with_sequence
from shared.infrastructure.sql.engine import create_database_engine, for_reading
from shared.infrastructure.sql.outbox_tables import deliveries, messages, streams
from shared.infrastructure.sql.reporting_tables import event_log

Row = dict[str, object]

_ROWS_A_STATEMENT = 5_000


def fill(
    write_url: str,
    reporting_url: str,
    *,
    processed: Iterable[SequencedMessage],
    pending: Iterable[SequencedMessage],
) -> None:
    """Make both databases: messages that every sink has long taken, and messages that wait for all of them."""
    upgrade(write_url=write_url, reporting_url=reporting_url)
    write, reporting = engine_for(write_url), engine_for(reporting_url)
    with write.begin() as writing, reporting.begin() as archiving:
        last_id, sequences = 0, dict[str, int]()
        for source, is_pending in ((processed, False), (pending, True)):
            events = iter(source)
            while chunk := list(islice(events, _ROWS_A_STATEMENT)):
                rows = [_message_row(event, id_=last_id + place) for place, event in enumerate(chunk, 1)]
                last_id += len(chunk)
                sequences |= {event.message.stream_id: event.sequence for event in chunk}
                _insert(writing, messages, rows)
                if is_pending:
                    _insert(
                        writing, deliveries, [delivery for row in rows for delivery in _delivery_rows(row)]
                    )
                else:
                    _insert(archiving, event_log, [_archived(row) for row in rows])
        _insert(
            writing,
            streams,
            [{"StreamId": stream, "LastSequence": last} for stream, last in sequences.items()],
        )
    write.dispose()
    reporting.dispose()


def engine_for(url: str) -> Engine:
    return create_database_engine(url, lock_wait_seconds=30.0, pool_size=1)


def is_empty(engine: Engine) -> bool:
    """Whether every sink has everything."""
    with for_reading(engine).begin() as connection:
        return connection.execute(select(deliveries.c.MessageId).limit(1)).first() is None


def pending_deliveries(engine: Engine) -> int:
    """How many deliveries are left; it counts them all."""
    with for_reading(engine).begin() as connection:
        return connection.scalar(select(func.count()).select_from(deliveries)) or 0


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _message_row(event: SequencedMessage, *, id_: int) -> Row:
    message = event.message
    return {
        "Id": id_,
        "EventId": message.event_id,
        "StreamId": message.stream_id,
        "Sequence": event.sequence,
        "Lane": lane_of(message.stream_id),
        "AggregateType": message.aggregate_type,
        "AggregateId": message.aggregate_id,
        "Version": message.version,
        "Type": message.type,
        "Payload": message.payload,
        "TraceParent": message.traceparent,
        "OccurredAt": message.occurred_at,
    }


def _delivery_rows(row: Row) -> list[Row]:
    return [
        {"Sink": sink, "Lane": row["Lane"], "MessageId": row["Id"]} for sink in sinks_of(str(row["Type"]))
    ]


def _archived(row: Row) -> Row:
    kept = {column.name: row[column.name] for column in event_log.c if column is not event_log.c.Id}
    return kept | {"Payload": with_sequence(str(row["Payload"]), sequence=cast(int, row["Sequence"]))}
