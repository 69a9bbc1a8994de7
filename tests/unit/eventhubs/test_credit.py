"""A receiver gets what it has given credit for, and not more."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from local.eventhubs.broker import Partition
from local.eventhubs.log import LogReader, NewRecord, PartitionLog
from local.eventhubs.receivers import EventSource, SendingLink

pytestmark = pytest.mark.unit


@dataclass
class Wire:
    """Takes frames; with such a limit each delivery is one."""

    peer_max_frame: int = 1 << 20
    frames: list[bytes] = field(default_factory=list[bytes])

    def write(self, data: bytes) -> None:
        self.frames.append(data)


def test_deliveries_stop_where_credit_ends_and_go_on_with_more(tmp_path: Path) -> None:
    partition, wire, ids = Partition(PartitionLog.open(tmp_path / "0.log")), Wire(), count()
    link = SendingLink(wire, 0, 0, lambda: next(ids))
    source = EventSource(link, partition, LogReader(partition.log, sequence=0))
    for number in range(10):
        partition.append([NewRecord(b"", b"%d" % number)])
    assert wire.frames == []
    link.grant(peer_delivered=0, credit=3)
    source.pump()
    assert [frame[-1:] for frame in wire.frames] == [b"0", b"1", b"2"]
    link.grant(peer_delivered=1, credit=4)  # said before the peer saw the last two of them
    source.pump()
    assert [frame[-1:] for frame in wire.frames] == [b"0", b"1", b"2", b"3", b"4"]
    source.close()
    partition.append([NewRecord(b"", b"late")])
    assert len(wire.frames) == 5
    partition.log.close()
