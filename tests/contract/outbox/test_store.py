"""What every outbox store promises the master."""

import pytest

from shared.application.outbox.errors import PartitionMismatchError
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.ports import Claim
from tests.builders.outbox_messages import a_message, a_reservation_message, streams_of_one_lane
from tests.contract.outbox.conftest import PARTITIONS, Outbox

pytestmark = pytest.mark.contract

LANE = lane_of("showtime:0")
SINKS = tuple(PARTITIONS)
LEASE = 15.0
LONGEST_BACKOFF = 15.0


def claimed(outbox: Outbox, *, sink: str = "reporting", owner: str = "one") -> Claim:
    claim = outbox.claim(sink=sink, lane=LANE, owner=owner)
    assert claim is not None
    return claim


def test_a_message_waits_for_each_sink_that_it_concerns(outbox: Outbox) -> None:
    outbox.commit(a_reservation_message())
    assert outbox.lanes_with_work(sinks=SINKS) == {sink: [LANE] for sink in SINKS}


def test_a_movie_does_not_concern_the_reservations_hub(outbox: Outbox) -> None:
    outbox.commit(a_message("movie:a"))
    assert set(outbox.lanes_with_work(sinks=SINKS)) == {"reporting", "domain-events"}


def test_only_the_asked_sinks_are_probed(outbox: Outbox) -> None:
    outbox.commit(a_reservation_message())
    assert outbox.lanes_with_work(sinks=["reservations"]) == {"reservations": [LANE]}


def test_an_empty_outbox_has_no_lane_with_work(outbox: Outbox) -> None:
    assert outbox.lanes_with_work(sinks=SINKS) == {}


def test_a_claimed_lane_is_nobody_elses(outbox: Outbox) -> None:
    outbox.commit(a_reservation_message())
    claimed(outbox)
    assert outbox.claim(sink="reporting", lane=LANE, owner="two") is None
    assert "reporting" not in outbox.lanes_with_work(sinks=SINKS)


def test_the_same_lane_of_another_sink_is_free(outbox: Outbox) -> None:
    claimed(outbox, sink="reporting")
    claimed(outbox, sink="reservations", owner="two")


def test_a_batch_is_each_streams_prefix_in_order(outbox: Outbox) -> None:
    first, second = streams_of_one_lane(2)
    for stream in (first, second, first, second, first):
        outbox.commit(a_reservation_message(stream))
    batch = outbox.read(claimed(outbox), limit=3)
    assert [(message.stream_id, message.sequence) for message in batch.messages] == sorted(
        [(first, 1), (second, 1), (first, 2)]
    )


def test_a_message_comes_back_as_it_was_written(outbox: Outbox) -> None:
    written = a_reservation_message()
    outbox.commit(written)
    (read,) = outbox.read(claimed(outbox), limit=10).messages
    assert (read.event_id, read.payload, read.type, read.occurred_at, read.aggregate_id, read.version) == (
        written.event_id,
        written.payload,
        written.type,
        written.occurred_at,
        written.aggregate_id,
        written.version,
    )


def test_settling_deletes_exactly_what_was_delivered(outbox: Outbox) -> None:
    first, second, third = (outbox.commit(a_reservation_message())[0] for _ in range(3))
    assert outbox.settle(claimed(outbox), delivered=[first, third], failed=False)
    assert outbox.pending("reporting") == [second]
    assert outbox.pending("reservations") == [first, second, third]


def test_settling_frees_the_lane(outbox: Outbox) -> None:
    outbox.commit(a_reservation_message())
    outbox.settle(claimed(outbox), delivered=[], failed=False)
    assert claimed(outbox, owner="two").epoch == 2


def test_a_claim_settles_once(outbox: Outbox) -> None:
    message_ids = outbox.commit(a_reservation_message())
    claim = claimed(outbox)
    assert outbox.settle(claim, delivered=[], failed=False)
    assert not outbox.settle(claim, delivered=message_ids, failed=False)
    assert outbox.pending("reporting") == message_ids


def test_an_expired_lease_is_taken_over_and_counts_as_a_failure(outbox: Outbox) -> None:
    claimed(outbox)
    outbox.advance(LEASE + 0.1)
    claim = claimed(outbox, owner="two")
    assert (claim.taken_over, claim.failures, claim.epoch) == (True, 1, 2)


def test_a_lease_that_lasts_is_not_taken_over(outbox: Outbox) -> None:
    claimed(outbox)
    outbox.advance(LEASE - 5.0)
    assert outbox.claim(sink="reporting", lane=LANE, owner="two") is None


def test_a_stale_owner_can_neither_acknowledge_nor_touch_the_lane(outbox: Outbox) -> None:
    message_ids = outbox.commit(a_reservation_message())
    stale = claimed(outbox)
    outbox.advance(LEASE + 0.1)
    current = claimed(outbox, owner="two")
    assert not outbox.settle(stale, delivered=message_ids, failed=True)
    assert outbox.pending("reporting") == message_ids
    assert outbox.claim(sink="reporting", lane=LANE, owner="three") is None
    assert outbox.settle(current, delivered=message_ids, failed=False)


def test_the_same_owner_is_fenced_from_its_own_earlier_claim(outbox: Outbox) -> None:
    message_ids = outbox.commit(a_reservation_message())
    stale = claimed(outbox, owner="one")
    outbox.advance(LEASE + 0.1)
    claimed(outbox, owner="one")
    assert not outbox.settle(stale, delivered=message_ids, failed=False)


def test_a_batch_that_kills_its_process_backs_off_beyond_its_lease(outbox: Outbox) -> None:
    outbox.commit(a_reservation_message())
    claimed(outbox)
    for failures in range(1, 8):
        outbox.advance(LEASE + LONGEST_BACKOFF + 0.1)
        assert claimed(outbox).failures == failures
    outbox.advance(LEASE + 0.1)
    assert outbox.claim(sink="reporting", lane=LANE, owner="two") is None
    assert "reporting" not in outbox.lanes_with_work(sinks=SINKS)


def test_a_failed_lane_waits_and_is_then_due_again(outbox: Outbox) -> None:
    outbox.commit(a_reservation_message())
    outbox.settle(claimed(outbox), delivered=[], failed=True)
    assert outbox.claim(sink="reporting", lane=LANE, owner="two") is None
    assert "reporting" not in outbox.lanes_with_work(sinks=SINKS)
    outbox.advance(0.3)
    assert claimed(outbox).failures == 1


def test_back_off_grows_to_its_cap_and_never_gives_up(outbox: Outbox) -> None:
    outbox.commit(a_reservation_message())
    for failures in range(30):
        claim = claimed(outbox)
        assert claim.failures == failures
        outbox.settle(claim, delivered=[], failed=True)
        outbox.advance(LONGEST_BACKOFF + 0.1)
    assert outbox.lanes_with_work(sinks=["reporting"]) == {"reporting": [LANE]}


def test_success_clears_failures(outbox: Outbox) -> None:
    outbox.settle(claimed(outbox), delivered=[], failed=True)
    outbox.advance(LONGEST_BACKOFF)
    outbox.settle(claimed(outbox), delivered=[], failed=False)
    assert claimed(outbox).failures == 0


def test_another_number_of_partitions_is_refused(outbox: Outbox) -> None:
    with pytest.raises(PartitionMismatchError, match=r"'reservations' .* 8 partitions, not 4"):
        outbox.prepare(partitions={**PARTITIONS, "reservations": 4})


def test_preparing_again_changes_nothing(outbox: Outbox) -> None:
    claim = claimed(outbox)
    outbox.prepare(partitions=PARTITIONS)
    assert outbox.settle(claim, delivered=[], failed=False)
