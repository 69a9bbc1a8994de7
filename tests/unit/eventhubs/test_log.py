"""The partition log on disk."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.eventhubs.log import DamagedLogError, NewRecord, PartitionLog

pytestmark = pytest.mark.unit

messages = st.lists(
    st.builds(NewRecord, st.binary(max_size=8), st.binary(max_size=64)), min_size=1, max_size=12
)


def stored(log: PartitionLog) -> list[NewRecord]:
    records = [log.read(sequence) for sequence in range(len(log))]
    assert [record.sequence for record in records] == list(range(len(log)))
    return [NewRecord(record.partition_key, record.message) for record in records]


@given(records=messages, cut=st.integers(min_value=0))
def test_a_cut_tail_leaves_a_prefix_and_appending_goes_on(records: list[NewRecord], cut: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "0.log"
        log = PartitionLog.open(path)
        log.append(records, enqueued_ms=1)
        log.close()
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.truncate(size - cut % (size + 1))
        again = PartitionLog.open(path)
        kept = stored(again)
        assert kept == records[: len(kept)]
        assert len(kept) == len(records) or cut % (size + 1) > 0
        again.append(records[:1], enqueued_ms=2)
        assert stored(again) == [*kept, records[0]]
        again.close()


@given(records=messages)
def test_reopening_finds_all(records: list[NewRecord]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "0.log"
        for record in records:
            log = PartitionLog.open(path)
            log.append([record], enqueued_ms=5)
            log.close()
        log = PartitionLog.open(path)
        assert stored(log) == records
        log.close()


def test_positions_by_offset_and_time(tmp_path: Path) -> None:
    log = PartitionLog.open(tmp_path / "0.log")
    for moment in (10, 20, 30):
        log.append([NewRecord(b"", b"message")], enqueued_ms=moment)
    second = log.read(1)
    assert log.first_at_offset(second.offset) == 1
    assert log.first_at_offset(second.offset + 1) == 2
    assert [log.first_at_time(moment) for moment in (5, 10, 11, 31)] == [0, 0, 1, 3]
    log.close()


def test_damage_before_the_last_record_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    log = PartitionLog.open(path)
    log.append([NewRecord(b"", b"first"), NewRecord(b"", b"second")], enqueued_ms=1)
    log.close()
    content = bytearray(path.read_bytes())
    content[20] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DamagedLogError):
        PartitionLog.open(path)
