"""Which sinks an event concerns, and which lane carries it.

A lane is a fixed share of the streams: the unit of claiming, of leasing and of back-off. All events of a stream
go through one lane, so that whoever holds the lane alone can keep the stream's order.
"""

from collections.abc import Callable
from zlib import crc32

from shared.contracts.events import RESERVATION_WIRE_TYPES

LANES = 64
"""How many lanes a sink has. A constant: stored rows carry the lane, so that changing it is a migration."""

REPORTING = "reporting"
DOMAIN_EVENTS = "domain-events"
RESERVATIONS = "reservations"


def _every_type(_wire_type: str) -> bool:
    return True


ROUTES: dict[str, Callable[[str], bool]] = {
    REPORTING: _every_type,
    DOMAIN_EVENTS: _every_type,
    RESERVATIONS: RESERVATION_WIRE_TYPES.__contains__,
}
"""Each sink by its name, with the test of an event's wire type that says whether it concerns the sink."""


def sinks_of(wire_type: str) -> tuple[str, ...]:
    """The sinks that an event of this wire type concerns."""
    return tuple(sink for sink, concerns in ROUTES.items() if concerns(wire_type))


def lane_of(stream_id: str) -> int:
    """The lane of a stream, from 0 to `LANES - 1`: stable over processes, machines and releases."""
    return crc32(stream_id.encode()) % LANES
