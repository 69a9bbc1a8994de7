"""Customers who book over HTTP at nodes that die, and ask again with the same key until they have an answer."""

import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx

from local.stack.function_names import PROJECTOR_FUNCTIONS, TIMER_FUNCTIONS
from tests.crash.outbox import oracle
from tests.crash.outbox.world import ROOT, World
from tests.servers.process import free_port, module, wait_until_listening

BOOKINGS_A_NODE = 8
DOOMED_NODE, ORDINARY_NODE = "tests.crash.outbox.doomed_node", "local.functions_host"


def book_through_nodes_that_die(world: World, moment: str, *, deaths: int, chance: Random) -> None:
    """Each customer ends with one reservation, of the seats that were asked for."""
    environment = environment_of_a_node(world.write_url, world.reporting_url)
    wanted = _orders(world, chance=chance, count=deaths * BOOKINGS_A_NODE)
    answers: dict[str, Any] = {}
    for death in range(deaths):
        number = chance.randint(1, BOOKINGS_A_NODE - 1)
        with a_node(environment, world.folder, DOOMED_NODE, moment, number) as (client, node):
            for key, order in wanted[death * BOOKINGS_A_NODE :][:BOOKINGS_A_NODE]:
                try:
                    answers[key] = _book(client, key, order)
                except httpx.TransportError:
                    assert node.wait(timeout=10) == -signal.SIGKILL
                    break
            assert node.poll() == -signal.SIGKILL, "the node did not die"
    with a_node(environment, world.folder, ORDINARY_NODE) as (client, _):
        for key, order in wanted:
            again = _book(client, key, order)
            assert answers.setdefault(key, again) == again, "the same key has had two answers"
    stored = {
        UUID(str(row.ReservationId))
        for row in oracle.rows(world.write_url, 'SELECT "ReservationId" FROM "Reservations"')
    }
    assert stored == {UUID(answer["reservationId"]) for answer in answers.values()}


def _orders(world: World, *, chance: Random, count: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            str(uuid4()),
            {
                "showtimeId": str(chance.choice(world.showtimes)),
                "customerId": str(uuid4()),
                "seats": [{"row": "A", "number": number}],
            },
        )
        for number in range(1, count + 1)
    ]


def _book(client: httpx.Client, key: str, order: dict[str, Any]) -> Any:
    answer = client.post("/api/reservations", json=order, headers={"idempotency-key": key})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return answer.json()


def environment_of_a_node(write_url: str, reporting_url: str) -> dict[str, str]:
    """The settings of a node that answers HTTP and runs nothing else."""
    disabled = {f"AzureWebJobs.{name}.Disabled": "true" for name in TIMER_FUNCTIONS + PROJECTOR_FUNCTIONS}
    databases = {"WRITE_DATABASE_URL": write_url, "REPORTING_DATABASE_URL": reporting_url}
    return {**os.environ, **disabled, **databases}


@contextmanager
def a_node(
    environment: dict[str, str], folder: Path, program: str, *arguments: object
) -> Generator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """A node in a process of its own, with a client; what it says goes to a file in the folder."""
    port = free_port()
    command = module(program, *arguments, "start", "--port", port, "--state", folder / "host")
    with (folder / "nodes.log").open("ab") as log:
        node = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_until_listening(port, process=node)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            yield client, node
    finally:
        node.kill()
        node.wait(timeout=10)
