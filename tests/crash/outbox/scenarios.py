"""Every way to die that `make crash` tries, each while the cinema sells."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from shared.application.outbox.dead_letters import Hold
from tests.crash.outbox.box_office import book_through_nodes_that_die
from tests.crash.outbox.moments import MOMENTS
from tests.crash.outbox.world import ROOT, World, until
from tests.servers.postgres import PostgresServer

LeftOut = dict[str, set[tuple[str, int]]]
"""For each sink, the places in its streams that were discarded."""

Act = Callable[[World, Random, PostgresServer | None], LeftOut | None]

DEATHS_A_RUN = 3
HELD_FOR = "domain-events"


@dataclass(frozen=True)
class Scenario:
    """What is done to a world. `needs_server` says that a database server is killed, which SQLite has not."""

    name: str
    act: Act
    needs_server: bool = False


def kill_masters(moment: str, world: World, chance: Random, _server: PostgresServer | None) -> None:
    with world.selling():
        for _ in range(DEATHS_A_RUN):
            world.kill_a_master(moment, number=chance.randint(1, 6))


def kill_masters_that_hold(moment: str, world: World, chance: Random, _server: PostgresServer | None) -> None:
    sick = f"showtime:{chance.choice(world.showtimes)}"
    world.refuse({HELD_FOR: [sick]})
    with world.selling():
        world.kill_a_master(moment, number=1)
    hold = held(world)
    world.refuse({})
    world.database.redrive(hold.id)


def kill_a_master_that_ends_a_hold(world: World, chance: Random, _server: PostgresServer | None) -> None:
    world.refuse({HELD_FOR: [f"showtime:{chance.choice(world.showtimes)}"]})
    with world.selling():
        hold = held(world)
        world.refuse({})
        world.database.redrive(hold.id)
        world.kill_a_master("amid the end of a hold", number=1)


def kill_an_operator(verb: str, world: World, chance: Random, _server: PostgresServer | None) -> LeftOut:
    sick = f"showtime:{chance.choice(world.showtimes)}"
    world.refuse({HELD_FOR: [sick]})
    with world.selling():
        hold = held(world)
        world.refuse({})
        died = subprocess.run(
            [sys.executable, "-m", "tests.crash.outbox.doomed_operator", verb, str(hold.id)],
            cwd=ROOT,
            env={**os.environ, "WRITE_DATABASE_URL": world.write_url},
            check=False,
            timeout=60,
        )
        assert died.returncode == -signal.SIGKILL, "the operator did not die"
    assert held(world) == hold or held(world).id == hold.id, "what was not committed has happened"
    if verb == "redrive":
        world.database.redrive(hold.id)
        return {}
    world.database.discard(hold.id)
    return {HELD_FOR: {(sick, hold.sequence)}}


def held(world: World) -> Hold:
    """The hold that an ordinary master comes to."""
    with world.a_master():
        until(lambda: bool(world.database.held_streams(HELD_FOR)), what="a stream is held")
    (hold,) = world.database.dead_letters.list(limit=10)
    return hold


def kill_hubs(world: World, chance: Random, _server: PostgresServer | None) -> None:
    with world.selling(), world.a_master():
        for _ in range(DEATHS_A_RUN):
            world.carry_some(chance.randint(20, 60))
            world.kill_hubs()
            world.restart_hubs()


def kill_a_database(world: World, chance: Random, server: PostgresServer | None) -> None:
    assert server is not None
    with world.selling(), world.a_master():
        for _ in range(DEATHS_A_RUN):
            world.carry_some(chance.randint(20, 60))
            server.kill()
            server.start_again()


def kill_nodes(moment: str, world: World, chance: Random, _server: PostgresServer | None) -> None:
    with world.a_master():
        book_through_nodes_that_die(world, moment, deaths=DEATHS_A_RUN, chance=chance)


_WITH_HOLDS = {"amid a hold", "amid putting messages aside"}
_OF_AN_END = "amid the end of a hold"

SCENARIOS = (
    *(
        Scenario(f"a master, {moment}", partial(kill_masters, moment))
        for moment in MOMENTS
        if moment not in {*_WITH_HOLDS, _OF_AN_END}
    ),
    *(
        Scenario(f"a master, {moment}", partial(kill_masters_that_hold, moment))
        for moment in sorted(_WITH_HOLDS)
    ),
    Scenario(f"a master, {_OF_AN_END}", kill_a_master_that_ends_a_hold),
    *(
        Scenario(f"an operator, amid a {verb}", partial(kill_an_operator, verb))
        for verb in ("redrive", "discard")
    ),
    *(
        Scenario(f"a functions node, {when}", partial(kill_nodes, moment))
        for moment, when in {
            "amid": "amid the append of a booking's events",
            "before": "before the commit of a booking",
            "after": "after the commit of a booking, before its answer",
        }.items()
    ),
    Scenario("both hubs", kill_hubs),
    Scenario("the write and the reporting database's server", kill_a_database, needs_server=True),
)
