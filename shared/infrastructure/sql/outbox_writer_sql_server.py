"""The outbox's append on SQL Server: one batch, one round trip, while the stream's row is locked.

The streams are locked through their clustered key by a loop join from a table sorted by the same key, so in ascending
order. INSERT … SELECT … ORDER BY gives identities out in that order.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.application.outbox.messages import NewMessage
from shared.infrastructure.sql.completion import Completion
from shared.infrastructure.sql.outbox_writer_json import append_parameters

_APPEND = """
SET NOCOUNT ON;
DECLARE @messages nvarchar(max) = :messages;
DECLARE @given TABLE (
    Ordinal int PRIMARY KEY, EventId uniqueidentifier, StreamId varchar(100) COLLATE Latin1_General_100_BIN2,
    Place int, Lane int, AggregateType varchar(32), AggregateId varchar(64), Version int, Type varchar(128),
    Payload nvarchar(max), TraceParent varchar(64), OccurredAt datetime2(6), Sinks nvarchar(max));
DECLARE @locked TABLE (
    StreamId varchar(100) COLLATE Latin1_General_100_BIN2 PRIMARY KEY, Messages int, Base int NULL);
DECLARE @inserted TABLE (Id bigint PRIMARY KEY, EventId uniqueidentifier, Sequence int);

INSERT INTO @given
SELECT m.ordinal, m.event_id, m.stream_id,
    ROW_NUMBER() OVER (PARTITION BY m.stream_id COLLATE Latin1_General_100_BIN2 ORDER BY m.ordinal),
    m.lane, m.aggregate_type, m.aggregate_id, m.version, m.type, m.payload, m.trace_parent, m.occurred_at, m.sinks
FROM OPENJSON(@messages) WITH (
    ordinal int, event_id uniqueidentifier, stream_id varchar(100), lane int, aggregate_type varchar(32),
    aggregate_id varchar(64), version int, type varchar(128), payload nvarchar(max), trace_parent varchar(64),
    occurred_at datetime2(6), sinks nvarchar(max) AS JSON) AS m;

INSERT INTO @locked (StreamId, Messages) SELECT StreamId, COUNT(*) FROM @given GROUP BY StreamId;

UPDATE l SET Base = s.LastSequence
FROM @locked AS l
INNER LOOP JOIN OutboxStreams AS s WITH (ROWLOCK, UPDLOCK, READCOMMITTEDLOCK, FORCESEEK) ON s.StreamId = l.StreamId
OPTION (FORCE ORDER, MAXDOP 1);

UPDATE s SET LastSequence = l.Base + l.Messages
FROM @locked AS l
INNER LOOP JOIN OutboxStreams AS s WITH (ROWLOCK) ON s.StreamId = l.StreamId
OPTION (FORCE ORDER, MAXDOP 1);

INSERT INTO OutboxMessages (EventId, StreamId, Sequence, Lane, AggregateType, AggregateId, Version, Type, Payload,
    TraceParent, OccurredAt)
OUTPUT inserted.Id, inserted.EventId, inserted.Sequence INTO @inserted
SELECT g.EventId, g.StreamId, l.Base + g.Place, g.Lane, g.AggregateType, g.AggregateId, g.Version, g.Type, g.Payload,
    g.TraceParent, g.OccurredAt
FROM @given AS g
INNER JOIN @locked AS l ON l.StreamId = g.StreamId
WHERE l.Base IS NOT NULL
ORDER BY g.Ordinal;

INSERT INTO OutboxDeliveries (Sink, Lane, MessageId)
SELECT s.value, g.Lane, i.Id
FROM @inserted AS i
INNER JOIN @given AS g ON g.EventId = i.EventId
CROSS APPLY OPENJSON(g.Sinks) AS s;
{completed}
SELECT EventId, Sequence FROM @inserted;
"""

_COMPLETE = """
UPDATE Idempotency SET Answer = :answer, Sequence = (
    SELECT MAX(i.Sequence) FROM @inserted AS i
    INNER JOIN @given AS g ON g.EventId = i.EventId
    WHERE g.StreamId = :answer_stream)
WHERE RequestKey = :request_key;
"""

APPEND_SQL = _APPEND.replace("{completed}", "")
APPEND_AND_COMPLETE_SQL = _APPEND.replace("{completed}", _COMPLETE)

_APPEND_ALONE = text(APPEND_SQL)
_APPEND_AND_COMPLETE = text(APPEND_AND_COMPLETE_SQL)


def append_on_sql_server(
    session: Session, messages: Sequence[NewMessage], completion: Completion | None
) -> dict[UUID, int]:
    """Append the messages; those of a stream that does not exist are missing from the answer."""
    statement = _APPEND_AND_COMPLETE if completion else _APPEND_ALONE
    rows = session.execute(statement, append_parameters(messages, completion))
    return {UUID(str(row[0])): row[1] for row in rows}
