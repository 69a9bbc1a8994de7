"""A master that was paused beyond its lease wakes up: it changes nothing, and what it still sends are repeats."""

import os
import signal
from pathlib import Path

import pytest

from tests.crash.outbox import oracle
from tests.crash.outbox.world import World, until
from tests.servers.postgres import throw_away_database

pytestmark = [pytest.mark.crash, pytest.mark.timeout(180)]

LANES = 'SELECT "Sink", "Lane", "Failures", "Delivered" FROM "OutboxLanes" ORDER BY "Sink", "Lane"'
"""Without owner and epoch: awake, it may claim a lane that it was hinted, and find nothing in it."""


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.full
@pytest.mark.parametrize(
    "moment", ["after a read", "amid a delivery to a hub", "after a delivery to reporting"]
)
def test_a_master_that_wakes_after_its_lease_changes_nothing(tmp_path: Path, moment: str) -> None:
    """On PostgreSQL, since what another worker of a stopped process has locked on SQLite is the whole database."""
    with (
        throw_away_database() as write_url,
        throw_away_database() as reporting_url,
        World.open(tmp_path, write_url=write_url, reporting_url=reporting_url) as world,
    ):
        for _ in range(60):
            world.book()
        paused = world.start_master("--fate", "stop", "--moment", moment, "--number", "2")
        until(lambda: is_stopped(paused.pid), what="the master has stopped")
        assert paused.pid in owners(world), "it was stopped with no lane in hand"
        with world.a_master():
            until(lambda: not any(map(world.database.pending, world.sinks)), what="all is carried")
            before = oracle.rows(world.write_url, LANES)
            assert paused.pid not in owners(world)
            os.kill(paused.pid, signal.SIGCONT)
            until(lambda: "outbox_lease_lost" in world.log.read_text(), what="it finds its lease lost")
            assert oracle.rows(world.write_url, LANES) == before
        oracle.check(world)


def test_lanes_spread_over_masters_and_move_when_one_dies(tmp_path: Path) -> None:
    with World.open(tmp_path) as world:
        seen: set[int] = set()
        with world.selling():
            first, second = world.start_master(), world.start_master()
            until(
                lambda: seen.update(owners(world)) or seen >= {first.pid, second.pid}, what="both have lanes"
            )
            second.kill()
            second.wait(timeout=10)
            world.carry_some(50)
        world.drain()
        oracle.check(world)


def owners(world: World) -> set[int]:
    found = oracle.rows(world.write_url, """SELECT "Owner" FROM "OutboxLanes" WHERE "Owner" <> ''""")
    return {int(row.Owner.split(":")[1]) for row in found}
