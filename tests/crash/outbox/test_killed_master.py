"""The real master is killed with -9 at each step of its work while the cinema sells; then all is looked at.

The long form, each step by itself, again and again, is `make crash`; its results are in docs/reliability.md.
"""

from pathlib import Path

import pytest

from shared.application.outbox.dead_letters import HoldState
from tests.crash.outbox import oracle
from tests.crash.outbox.moments import MOMENTS
from tests.crash.outbox.world import World, until

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

WITH_A_HELD_STREAM = ("amid a hold", "amid putting messages aside", "amid the end of a hold")


def test_nothing_is_lost_and_order_is_kept_wherever_the_master_dies(tmp_path: Path) -> None:
    with World.open(tmp_path) as world:
        with world.selling():
            for moment in MOMENTS:
                if moment not in WITH_A_HELD_STREAM:
                    world.kill_a_master(moment, number=3)
        world.drain()
        findings = oracle.check(world)
    assert findings.events > 100
    assert all(findings.repeats.values()), "a delivery that was not acknowledged is repeated"


def test_a_held_stream_loses_nothing_wherever_the_master_dies(tmp_path: Path) -> None:
    with World.open(tmp_path) as world:
        sick = f"showtime:{world.showtimes[0]}"
        world.refuse({"domain-events": [sick]})
        with world.selling():
            world.kill_a_master("amid a hold", number=1)
            world.kill_a_master("amid putting messages aside", number=2)
        world.drain(but_held=True)
        (hold,) = world.database.dead_letters.list(limit=10)
        assert (hold.stream_id, hold.sequence, hold.state) == (sick, 1, HoldState.HELD)
        assert hold.waiting > 10
        world.refuse({})
        world.database.redrive(hold.id)
        with world.selling():
            world.kill_a_master("amid the end of a hold", number=1)
        world.drain()
        oracle.check(world)
        assert world.database.dead_letters.list(limit=10) == []


def test_a_discarded_message_is_the_only_one_that_is_missing(tmp_path: Path) -> None:
    with World.open(tmp_path) as world:
        sick = f"showtime:{world.showtimes[0]}"
        world.refuse({"reservations": [sick]})
        with world.selling(), world.a_master():
            until(lambda: bool(world.database.held_streams("reservations")), what="a stream is held")
        (hold,) = world.database.dead_letters.list(limit=10)
        world.refuse({})
        world.database.discard(hold.id)
        world.drain()
        oracle.check(world, discarded={"reservations": {(sick, hold.sequence)}})
