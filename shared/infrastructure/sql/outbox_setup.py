"""What a master makes sure of before its first run: known sinks, and no lane missing."""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, insert, select

from shared.application.outbox.errors import PartitionMismatchError, UnknownSinkError
from shared.application.outbox.lanes import LANES
from shared.infrastructure.sql.outbox_tables import NEVER, NOBODY, deliveries, lanes, sinks


def check_sinks_known(connection: Connection, *, sinks: Collection[str]) -> None:
    """Make sure that no delivery waits for a sink that nobody serves.

    Raises:
        UnknownSinkError: some do.
    """
    unknown = [sink for sink in sinks_with_deliveries(connection) if sink not in sinks]
    if unknown:
        raise UnknownSinkError(unknown)


def sinks_with_deliveries(connection: Connection) -> Iterator[str]:
    """The sinks that something waits for; one seek a sink, however many deliveries."""
    found = ""
    while (found := _next_sink(connection, after=found)) is not None:
        yield found


def _next_sink(connection: Connection, *, after: str) -> str | None:
    return connection.scalar(
        select(deliveries.c.Sink).where(deliveries.c.Sink > after).order_by(deliveries.c.Sink).limit(1)
    )


def register_sinks(connection: Connection, *, partitions: Mapping[str, int]) -> None:
    """Insert what is missing of the sinks and of their lanes.

    Raises:
        PartitionMismatchError: a sink is stored with another number of partitions.
    """
    known = {row.Sink: row.Partitions for row in connection.execute(select(sinks))}
    for sink, wanted in partitions.items():
        if sink not in known:
            connection.execute(insert(sinks).values(Sink=sink, Partitions=wanted))
        elif known[sink] != wanted:
            raise PartitionMismatchError(sink, expected=known[sink], actual=wanted)
        _insert_missing_lanes(connection, sink=sink)


def _insert_missing_lanes(connection: Connection, *, sink: str) -> None:
    present = set(connection.scalars(select(lanes.c.Lane).where(lanes.c.Sink == sink)))
    missing = [free_lane(sink=sink, lane=lane) for lane in range(LANES) if lane not in present]
    if missing:
        connection.execute(insert(lanes), missing)


def free_lane(*, sink: str, lane: int) -> dict[str, object]:
    """The row of a lane that nobody has ever claimed."""
    return {
        "Sink": sink,
        "Lane": lane,
        "Owner": NOBODY,
        "LeaseEnd": NEVER,
        "Epoch": 0,
        "Failures": 0,
        "NextAttemptAt": NEVER,
        "Delivered": 0,
    }
