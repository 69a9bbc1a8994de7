"""What every outbox store promises about poisoned messages and the streams that they hold."""

import pytest

from shared.application.errors import NotFoundError
from shared.application.outbox.dead_letters import HoldResumedError, HoldState, OtherMessageHeldError
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.ports import Batch, Claim, Poison
from tests.builders.outbox_messages import a_reservation_message, streams_of_one_lane
from tests.contract.outbox.conftest import Outbox
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.contract

LANE = lane_of("showtime:0")
SINK = "reporting"
SICK, SOUND = streams_of_one_lane(2)


def claimed(outbox: Outbox) -> Claim:
    claim = outbox.claim(sink=SINK, lane=LANE, owner="one")
    assert claim is not None
    return claim


def read(outbox: Outbox, *, limit: int = 10) -> tuple[Claim, Batch]:
    claim = claimed(outbox)
    return claim, outbox.read(claim, limit=limit)


def poisoned_at(outbox: Outbox, message_id: int) -> int:
    """The hold that a batch ends with in which this message was refused and nothing delivered."""
    claim, batch = read(outbox)
    assert outbox.settle(
        claim,
        delivered=[],
        failed=False,
        held=batch.held,
        poison=Poison(message_id=message_id, reason="refused"),
    )
    (hold_id,) = outbox.held_streams(SINK)
    return hold_id


def carried(outbox: Outbox) -> list[int]:
    """What is delivered when everybody works until nothing is left to do."""
    delivered: list[int] = []
    while LANE in outbox.lanes_with_work(sinks=[SINK]).get(SINK, []):
        claim, batch = read(outbox, limit=2)
        ids = [message.id for message in batch.messages]
        assert outbox.settle(claim, delivered=ids, failed=False, held=batch.held)
        delivered += ids
    return delivered


def test_poison_holds_its_stream_and_everything_else_flows_on(outbox: Outbox) -> None:
    first, second = outbox.commit(a_reservation_message(SICK), a_reservation_message(SICK))
    (other,) = outbox.commit(a_reservation_message(SOUND))
    poisoned_at(outbox, first)
    assert carried(outbox) == [other]
    assert outbox.pending(SINK) == [first, second]


def test_a_hold_is_of_one_sink_alone(outbox: Outbox) -> None:
    (message_id,) = outbox.commit(a_reservation_message(SICK))
    poisoned_at(outbox, message_id)
    assert outbox.lanes_with_work(sinks=[SINK, "domain-events"]) == {"domain-events": [LANE]}


def test_what_comes_later_waits_behind_the_poison(outbox: Outbox) -> None:
    (first,) = outbox.commit(a_reservation_message(SICK))
    poisoned_at(outbox, first)
    (later,) = outbox.commit(a_reservation_message(SICK))
    assert carried(outbox) == []
    assert outbox.pending(SINK) == [first, later]


def test_held_messages_give_a_lane_no_work(outbox: Outbox) -> None:
    (first,) = outbox.commit(a_reservation_message(SICK))
    poisoned_at(outbox, first)
    assert outbox.lanes_with_work(sinks=[SINK]) == {}


def test_a_poisoned_batch_is_no_failure_of_its_lane(outbox: Outbox) -> None:
    (first,) = outbox.commit(a_reservation_message(SICK))
    outbox.commit(a_reservation_message(SOUND))
    poisoned_at(outbox, first)
    assert claimed(outbox).failures == 0


def test_a_redriven_stream_goes_on_from_the_poison_in_order(outbox: Outbox) -> None:
    ids = outbox.commit(*(a_reservation_message(SICK) for _ in range(3)))
    hold_id = poisoned_at(outbox, ids[0])
    ids += outbox.commit(*(a_reservation_message(SICK) for _ in range(2)))
    assert carried(outbox) == []
    outbox.redrive(hold_id)
    ids += outbox.commit(a_reservation_message(SICK))
    assert carried(outbox) == ids
    assert outbox.held_streams(SINK) == {}


def test_a_resumed_stream_and_the_rest_of_its_lane_take_turns(outbox: Outbox) -> None:
    sick = outbox.commit(*(a_reservation_message(SICK) for _ in range(4)))
    hold_id = poisoned_at(outbox, sick[0])
    assert carried(outbox) == []
    outbox.redrive(hold_id)
    sound = outbox.commit(*(a_reservation_message(SOUND) for _ in range(4)))
    order = carried(outbox)
    assert sorted(order) == sorted(sick + sound)
    assert order.index(sound[0]) < order.index(sick[3])
    assert order.index(sick[0]) < order.index(sound[3])


def test_a_discarded_message_is_left_out_and_the_stream_goes_on(outbox: Outbox) -> None:
    first, second, third = outbox.commit(*(a_reservation_message(SICK) for _ in range(3)))
    hold_id = poisoned_at(outbox, first)
    outbox.discard(hold_id)
    assert carried(outbox) == [second, third]
    assert outbox.pending(SINK) == []


def test_discarding_all_that_waits_ends_the_hold(outbox: Outbox) -> None:
    (only,) = outbox.commit(a_reservation_message(SICK))
    outbox.discard(poisoned_at(outbox, only))
    assert carried(outbox) == []
    (next_one,) = outbox.commit(a_reservation_message(SICK))
    assert carried(outbox) == [next_one]


def test_a_redriven_message_that_is_refused_again_is_held_again(outbox: Outbox) -> None:
    first, second = outbox.commit(a_reservation_message(SICK), a_reservation_message(SICK))
    hold_id = poisoned_at(outbox, first)
    outbox.redrive(hold_id)
    assert poisoned_at(outbox, first) == hold_id
    assert carried(outbox) == []
    assert outbox.pending(SINK) == [first, second]


def test_a_stale_owner_can_hold_nothing(outbox: Outbox) -> None:
    (first,) = outbox.commit(a_reservation_message(SICK))
    stale = claimed(outbox)
    outbox.advance(15.1)
    claimed(outbox)
    poison = Poison(message_id=first, reason="refused")
    assert not outbox.settle(stale, delivered=[], failed=False, poison=poison)
    assert outbox.held_streams(SINK) == {}


def test_a_resumed_hold_cannot_be_discarded(outbox: Outbox) -> None:
    (first,) = outbox.commit(a_reservation_message(SICK))
    hold_id = poisoned_at(outbox, first)
    outbox.redrive(hold_id)
    with pytest.raises(HoldResumedError):
        outbox.discard(hold_id)


def test_resuming_again_changes_nothing(outbox: Outbox) -> None:
    (first,) = outbox.commit(a_reservation_message(SICK))
    hold_id = poisoned_at(outbox, first)
    outbox.redrive(hold_id)
    outbox.redrive(hold_id)
    assert carried(outbox) == [first]


def test_a_hold_that_has_ended_is_not_found(outbox: Outbox) -> None:
    (first,) = outbox.commit(a_reservation_message(SICK))
    hold_id = poisoned_at(outbox, first)
    outbox.redrive(hold_id)
    carried(outbox)
    with pytest.raises(NotFoundError):
        outbox.redrive(hold_id)
    with pytest.raises(NotFoundError):
        outbox.discard(hold_id)


def test_a_dead_letter_says_what_is_held_and_why(database: OutboxDatabase) -> None:
    message = a_reservation_message(SICK)
    database.commit(a_reservation_message(SICK))
    (second, _) = database.commit(message, a_reservation_message(SICK))
    claim, batch = read(database)
    database.settle(
        claim,
        delivered=[batch.messages[0].id],
        failed=False,
        poison=Poison(message_id=second, reason="why? " * 1_000),
    )
    assert carried(database) == []
    (hold,) = database.dead_letters.list(limit=10)
    assert (hold.sink, hold.stream_id, hold.sequence, hold.event_id) == (SINK, SICK, 2, message.event_id)
    assert (hold.type, hold.state, hold.waiting) == (message.type, HoldState.HELD, 2)
    assert hold.reason.startswith("why? why?")
    assert database.dead_letters.get(hold.id) == hold


def test_a_discard_is_kept_with_its_name(database: OutboxDatabase) -> None:
    message = a_reservation_message(SICK)
    (message_id,) = database.commit(message)
    discarded = database.dead_letters.discard(poisoned_at(database, message_id))
    assert database.dead_letters.discards(limit=10) == [discarded]
    assert (discarded.sink, discarded.stream_id, discarded.sequence) == (SINK, SICK, 1)
    assert (discarded.event_id, discarded.reason) == (message.event_id, "refused")


def test_who_means_another_message_discards_nothing(database: OutboxDatabase) -> None:
    """An answer was lost, the stream was held again from the next message, and the request is sent again."""
    refused, next_one = a_reservation_message(SICK), a_reservation_message(SICK)
    _, second_id = database.commit(refused, next_one)
    hold_id = database.hold_first(SINK)
    database.dead_letters.discard(hold_id, event_id=refused.event_id)
    assert poisoned_at(database, second_id) == hold_id
    with pytest.raises(OtherMessageHeldError) as refusal:
        database.dead_letters.discard(hold_id, event_id=refused.event_id)
    assert refusal.value.event_id == next_one.event_id
    assert len(database.dead_letters.discards(limit=10)) == 1
    database.dead_letters.discard(hold_id, event_id=next_one.event_id)


def test_dead_letters_are_listed_page_by_page_and_by_sink(database: OutboxDatabase) -> None:
    for stream in streams_of_one_lane(3):
        (message_id,) = database.commit(a_reservation_message(stream))
        claim = claimed(database)
        database.settle(
            claim, delivered=[], failed=False, poison=Poison(message_id=message_id, reason="refused")
        )
    first, second = database.dead_letters.list(limit=2)
    (third,) = database.dead_letters.list(after=second.id, limit=2)
    assert first.id < second.id < third.id
    assert database.dead_letters.list(sink="domain-events", limit=10) == []


def test_held_rows_are_read_once_and_never_again(database: OutboxDatabase) -> None:
    """A hundred held messages in front of a lane would otherwise be in every read of it."""
    ids = database.commit(*(a_reservation_message(SICK) for _ in range(100)))
    poisoned_at(database, ids[0])
    carried(database)
    assert database.in_lanes(SINK) == []
    (sound,) = database.commit(a_reservation_message(SOUND))
    _, batch = read(database)
    assert ([message.id for message in batch.messages], batch.held) == ([sound], [])
