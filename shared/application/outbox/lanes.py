"""Lanes: a lane is a fixed share of the streams, and the unit of claiming, of leasing and of back-off.

All events of a stream go through one lane, so that whoever holds the lane alone can keep the stream's order.
"""

from zlib import crc32

LANES = 64
"""How many lanes a sink has. A constant: stored rows carry the lane, so that changing it is a migration."""


def lane_of(stream_id: str) -> int:
    """The lane of a stream, from 0 to `LANES - 1`: stable over processes, machines and releases."""
    return crc32(stream_id.encode()) % LANES
