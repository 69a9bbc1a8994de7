"""The partition log on disk."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.eventhubs.log import DamagedLogError, LogReader, NewRecord, PartitionLog, Retention

pytestmark = pytest.mark.unit

messages = st.lists(
    st.builds(NewRecord, st.binary(max_size=8), st.binary(max_size=64)), min_size=1, max_size=12
)


def stored(log: PartitionLog) -> list[NewRecord]:
    records = [log.read(sequence) for sequence in range(log.end)]
    assert [record.sequence for record in records] == list(range(log.end))
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


MANY = 1_000
SMALL = Retention(size=4_000)


def an_event(number: int) -> NewRecord:
    """Of differing sizes, some of them larger than what is read at once."""
    return NewRecord(b"", b"%d " % number + b"x" * (number % 7) + b"y" * (5_000 * (number % 97 == 5)))


def number_of(message: bytes) -> int:
    return int(message.split()[0])


def a_log_of_many(path: Path, *, retention: Retention) -> PartitionLog:
    """Event n was enqueued at n * 10 milliseconds."""
    log = PartitionLog.open(path, retention=retention)
    for number in range(MANY):
        log.append([an_event(number)], enqueued_ms=number * 10)
    return log


@pytest.mark.parametrize("reopened", [False, True])
def test_every_record_is_found_by_sequence_offset_and_time(tmp_path: Path, *, reopened: bool) -> None:
    log = a_log_of_many(tmp_path / "0.log", retention=Retention(size=10**9))
    if reopened:
        log.close()
        log = PartitionLog.open(tmp_path / "0.log")
    for number in range(MANY):
        record = log.read(number)
        assert (record.sequence, record.enqueued_ms, record.message) == (
            number,
            number * 10,
            an_event(number).message,
        )
        assert log.first_at_offset(record.offset) == number
        assert log.first_at_offset(record.offset + 1) == number + 1
        assert [log.first_at_time(number * 10 - shift) for shift in (9, 0)] == [number, number]
    assert (log.first_at_time(MANY * 10), log.last_ms) == (MANY, (MANY - 1) * 10)
    assert log.last_offset == log.read(MANY - 1).offset
    log.close()


def test_retention_by_size_drops_the_oldest_and_keeps_at_least_so_much(tmp_path: Path) -> None:
    log = a_log_of_many(tmp_path / "0.log", retention=SMALL)
    left = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert 0 < log.first < log.end == MANY
    assert left >= 4_000
    assert sum(len(log.read(number).message) for number in range(log.first, MANY)) < 4 * 4_000
    assert [number_of(log.read(number).message) for number in range(log.first, MANY)] == list(
        range(log.first, MANY)
    )
    with pytest.raises(IndexError):
        log.read(log.first - 1)
    log.close()


def test_retention_by_age_drops_what_is_older_and_nothing_younger(tmp_path: Path) -> None:
    log = a_log_of_many(tmp_path / "0.log", retention=Retention(age_ms=1_000))
    newest = log.last_ms
    assert newest - 1_000 * 10 / 8 < log.read(log.first).enqueued_ms <= newest - 1_000 + 10
    log.close()


def test_what_is_gone_is_skipped_by_offset_time_and_a_reader_that_was_amid_it(tmp_path: Path) -> None:
    log = PartitionLog.open(tmp_path / "0.log", retention=SMALL)
    log.append([an_event(0), an_event(1)], enqueued_ms=0)
    reader = LogReader(log, sequence=0)
    first = reader.next()
    assert first is not None
    assert number_of(first.message) == 0
    for number in range(2, MANY):
        log.append([an_event(number)], enqueued_ms=number * 10)
    assert (log.first_at_offset(0), log.first_at_time(0)) == (log.first, log.first)
    read = iter(reader.next, None)
    assert [number_of(record.message) for record in read] == list(range(log.first, MANY))
    log.append([an_event(MANY)], enqueued_ms=MANY * 10)
    assert (record := reader.next()) is not None
    assert record.sequence == MANY
    log.close()


def test_a_log_that_lost_its_beginning_goes_on_where_it_was(tmp_path: Path) -> None:
    log = a_log_of_many(tmp_path / "0.log", retention=SMALL)
    first, last = log.first, log.last_offset
    log.close()
    again = PartitionLog.open(tmp_path / "0.log", retention=SMALL)
    assert (again.first, again.end, again.last_offset) == (first, MANY, last)
    again.append([an_event(MANY)], enqueued_ms=MANY * 10)
    assert again.read(MANY).offset > last
    again.close()


def test_a_missing_segment_is_refused(tmp_path: Path) -> None:
    a_log_of_many(tmp_path / "0.log", retention=SMALL).close()
    sorted(tmp_path.iterdir())[1].unlink()
    with pytest.raises(DamagedLogError):
        PartitionLog.open(tmp_path / "0.log", retention=SMALL)
