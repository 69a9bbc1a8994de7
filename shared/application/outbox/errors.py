"""What can be wrong with the outbox itself, as opposed to a sink or a message.

    OutboxError
    ├── OutboxStoreUnavailableError   the database can't be reached, or is too busy: try again
    └── OutboxMisconfiguredError      running on would break a promise; a person must act
        ├── UnknownSinkError          deliveries wait for a sink that this release does not know
        ├── PartitionMismatchError    a hub has another number of partitions than its lanes were spread over
        ├── RowVersionsMissingError   the database reads under locks, which the read of a lane must not
        └── OutboxNotMigratedError    tables or columns are missing: the migrations have not run

Messages that can't be put into the outbox have errors of their own, in `messages`.
"""

from collections.abc import Sequence


class OutboxError(Exception):
    """The root of this module's errors."""


class OutboxStoreUnavailableError(OutboxError):
    """The store can't answer now. What was under way may or may not have been committed."""


class OutboxMisconfiguredError(OutboxError):
    """The master refuses to run, since no retry helps."""


class UnknownSinkError(OutboxMisconfiguredError):
    """Deliveries wait for a sink that nothing here serves: a release was rolled back, or a sink taken out."""

    def __init__(self, sinks: Sequence[str]) -> None:
        super().__init__(f"deliveries wait for sinks that this release does not know: {', '.join(sinks)}")
        self.sinks = tuple(sinks)


class PartitionMismatchError(OutboxMisconfiguredError):
    """Another number of partitions would send streams to other partitions, and lose their order."""

    def __init__(self, sink: str, *, expected: int, actual: int) -> None:
        super().__init__(f"sink {sink!r} was set up for {expected} partitions, not {actual}")
        self.sink = sink
        self.expected = expected
        self.actual = actual


class RowVersionsMissingError(OutboxMisconfiguredError):
    """READ_COMMITTED_SNAPSHOT is off: a read would wait for writers, or pass their rows by."""

    def __init__(self, database: str) -> None:
        super().__init__(f"database {database!r} must have READ_COMMITTED_SNAPSHOT on: run the migrations")
        self.database = database


class OutboxNotMigratedError(OutboxMisconfiguredError):
    """The database has no outbox, or that of an older release."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the write database is not migrated, run the migrations: {cause}")
