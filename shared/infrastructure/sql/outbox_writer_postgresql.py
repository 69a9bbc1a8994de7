"""The outbox's append on PostgreSQL: one statement, one round trip, while the stream's row is locked.

`locked` takes the rows in ascending order (LockRows stands above the sort) and reads their newest version; `numbered`
is pulled from it. The insert's ORDER BY comes before the identity's nextval, so that ids ascend within the command.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.application.outbox.messages import NewMessage
from shared.infrastructure.sql.completion import Completion
from shared.infrastructure.sql.outbox_writer_json import append_parameters

_COMPLETE = """
, completed AS (
    UPDATE "Idempotency" SET "Answer" = :answer, "Sequence" = (
        SELECT max("Sequence") FROM inserted JOIN given ON event_id = "EventId" WHERE stream_id = :answer_stream)
    WHERE "RequestKey" = :request_key
)"""

_APPEND = """
WITH given AS MATERIALIZED (
    SELECT m.*, row_number() OVER (PARTITION BY m.stream_id ORDER BY m.ordinal) AS place
    FROM jsonb_to_recordset(CAST(:messages AS jsonb)) AS m (
        ordinal int, event_id uuid, stream_id text, lane int, aggregate_type text, aggregate_id text,
        version int, type text, payload text, trace_parent text, occurred_at timestamptz, sinks jsonb)
), locked AS MATERIALIZED (
    SELECT "StreamId", "LastSequence" FROM "OutboxStreams"
    WHERE "StreamId" IN (SELECT stream_id FROM given)
    ORDER BY "StreamId" FOR UPDATE
), numbered AS (
    UPDATE "OutboxStreams" AS s SET "LastSequence" = locked."LastSequence" + counted.messages
    FROM locked JOIN (SELECT stream_id, count(*) AS messages FROM given GROUP BY stream_id) AS counted
        ON counted.stream_id = locked."StreamId"
    WHERE s."StreamId" = locked."StreamId"
    RETURNING s."StreamId" AS stream_id, locked."LastSequence" AS base
), inserted AS (
    INSERT INTO "OutboxMessages" ("EventId", "StreamId", "Sequence", "Lane", "AggregateType", "AggregateId",
        "Version", "Type", "Payload", "TraceParent", "OccurredAt")
    SELECT event_id, stream_id, base + place, lane, aggregate_type, aggregate_id,
        version, type, payload, trace_parent, occurred_at
    FROM given JOIN numbered USING (stream_id)
    ORDER BY ordinal
    RETURNING "Id", "EventId", "Sequence"
), delivered AS (
    INSERT INTO "OutboxDeliveries" ("Sink", "Lane", "MessageId")
    SELECT sink, lane, "Id"
    FROM inserted JOIN given ON event_id = "EventId" CROSS JOIN jsonb_array_elements_text(sinks) AS sink
){completed}
SELECT "EventId", "Sequence" FROM inserted
"""

_APPEND_ALONE = text(_APPEND.replace("{completed}", ""))
_APPEND_AND_COMPLETE = text(_APPEND.replace("{completed}", _COMPLETE))


def append_on_postgresql(
    session: Session, messages: Sequence[NewMessage], completion: Completion | None
) -> dict[UUID, int]:
    """Append the messages; those of a stream that does not exist are missing from the answer."""
    statement = _APPEND_AND_COMPLETE if completion else _APPEND_ALONE
    rows = session.execute(statement, append_parameters(messages, completion))
    return {row[0]: row[1] for row in rows}
