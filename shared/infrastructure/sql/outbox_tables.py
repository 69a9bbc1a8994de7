"""The outbox's tables in the write database.

No column that a statement compares may be NULL, and no foreign key leads to `OutboxMessages`: checking one would make
each acknowledgement pay for an index that nothing else needs.
"""

from datetime import UTC, datetime

from sqlalchemy import Column, Identity, Index, Integer, Table, UniqueConstraint

from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.types import (
    UtcDateTime,
    Uuid,
    human_text,
    id_text,
    identity_type,
    payload_text,
)

NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""A time that has passed on every clock: a lane with this lease end is free."""

NOBODY = ""
"""The owner of a lane that nobody holds."""

_SINK = id_text(32)
_STREAM_ID = id_text(100)

# PostgreSQL gives ids out one by one (cache 1), so that the rows of one command, inserted in order, ascend.
messages = Table(
    "OutboxMessages",
    write_metadata,
    Column("Id", identity_type(), Identity(start=1, cache=1), primary_key=True),
    Column("EventId", Uuid(), nullable=False, unique=True),
    Column("StreamId", _STREAM_ID, nullable=False),
    Column("Sequence", Integer, nullable=False),
    Column("Lane", Integer, nullable=False),
    Column("AggregateType", id_text(32), nullable=False),
    Column("AggregateId", id_text(64), nullable=False),
    Column("Version", Integer, nullable=False),
    Column("Type", id_text(128), nullable=False),
    Column("Payload", payload_text(), nullable=False),
    Column("TraceParent", id_text(64), nullable=True),
    Column("OccurredAt", UtcDateTime, nullable=False),
    UniqueConstraint("StreamId", "Sequence"),
    sqlite_autoincrement=True,
)

# One row for each sink that a message concerns; a negative lane is the siding of a held stream.
deliveries = Table(
    "OutboxDeliveries",
    write_metadata,
    Column("Sink", _SINK, primary_key=True),
    Column("Lane", Integer, primary_key=True, autoincrement=False),
    Column("MessageId", identity_type(), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

lanes = Table(
    "OutboxLanes",
    write_metadata,
    Column("Sink", _SINK, primary_key=True),
    Column("Lane", Integer, primary_key=True, autoincrement=False),
    Column("Owner", id_text(64), nullable=False),
    Column("LeaseEnd", UtcDateTime, nullable=False),
    Column("Epoch", identity_type(), nullable=False),
    Column("Failures", Integer, nullable=False),
    Column("NextAttemptAt", UtcDateTime, nullable=False),
    Column("Delivered", identity_type(), nullable=False),
    sqlite_with_rowid=False,
)

streams = Table(
    "OutboxStreams",
    write_metadata,
    Column("StreamId", _STREAM_ID, primary_key=True),
    Column("LastSequence", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Partitions is 0 for a sink that has none.
sinks = Table(
    "OutboxSinks",
    write_metadata,
    Column("Sink", _SINK, primary_key=True),
    Column("Partitions", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# A stream that a sink refuses to go on with, from which message; the stream's deliveries stand in the lane `-Id`.
holds = Table(
    "OutboxHolds",
    write_metadata,
    Column("Id", Integer, Identity(start=1), primary_key=True),
    Column("Sink", _SINK, nullable=False),
    Column("StreamId", _STREAM_ID, nullable=False),
    Column("Lane", Integer, nullable=False),
    Column("MessageId", identity_type(), nullable=False),
    Column("State", id_text(16), nullable=False),
    Column("Reason", human_text(2000), nullable=False),
    Column("HeldAt", UtcDateTime, nullable=False),
    UniqueConstraint("Sink", "StreamId"),
    sqlite_autoincrement=True,
)
Index("IX_OutboxHolds_Sink_Lane_State", holds.c.Sink, holds.c.Lane, holds.c.State)

# The gaps that somebody decided on. It says all about a message that retention will delete.
discards = Table(
    "OutboxDiscards",
    write_metadata,
    Column("Id", Integer, Identity(start=1), primary_key=True),
    Column("Sink", _SINK, nullable=False),
    Column("StreamId", _STREAM_ID, nullable=False),
    Column("Sequence", Integer, nullable=False),
    Column("EventId", Uuid(), nullable=False),
    Column("Reason", human_text(2000), nullable=False),
    Column("DiscardedAt", UtcDateTime, nullable=False),
    UniqueConstraint("Sink", "StreamId", "Sequence"),
    sqlite_autoincrement=True,
)

OUTBOX_TABLES = (messages, deliveries, lanes, streams, sinks, holds, discards)
"""All of them: what a database needs that has an outbox, whatever else it keeps."""
