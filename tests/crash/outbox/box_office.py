"""Customers who book over HTTP at nodes that die, and ask again with the same key until they have an answer."""

import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx

from local.stack.parts import PROJECTOR_FUNCTIONS, TIMER_FUNCTIONS
from tests.crash.outbox import oracle
from tests.crash.outbox.world import ROOT, World
from tests.servers.process import free_port, module, wait_until_listening

BOOKINGS_A_NODE = 8


def book_through_nodes_that_die(world: World, moment: str, *, deaths: int, chance: Random) -> None:
    """Each customer ends with one reservation, of the seats that were asked for."""
    wanted = _orders(world, chance=chance, count=deaths * BOOKINGS_A_NODE)
    answers: dict[str, Any] = {}
    for death in range(deaths):
        number = chance.randint(1, BOOKINGS_A_NODE - 1)
        with _a_node(world, "tests.crash.outbox.doomed_node", moment, number) as (client, node):
            for key, order in wanted[death * BOOKINGS_A_NODE :][:BOOKINGS_A_NODE]:
                try:
                    answers[key] = _book(client, key, order)
                except httpx.TransportError:
                    assert node.wait(timeout=10) == -signal.SIGKILL
                    break
            assert node.poll() == -signal.SIGKILL, "the node did not die"
    with _a_node(world, "local.functions_host") as (client, _):
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


@contextmanager
def _a_node(
    world: World, program: str, *arguments: object
) -> Generator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    port = free_port()
    disabled = {f"AzureWebJobs.{name}.Disabled": "true" for name in TIMER_FUNCTIONS + PROJECTOR_FUNCTIONS}
    environment = {
        **os.environ,
        **disabled,
        "WRITE_DATABASE_URL": world.write_url,
        "REPORTING_DATABASE_URL": world.reporting_url,
    }
    command = module(program, *arguments, "start", "--port", port, "--state", world.folder / "host")
    with (world.folder / "nodes.log").open("ab") as log:
        node = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_until_listening(port, process=node)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            yield client, node
    finally:
        node.kill()
        node.wait(timeout=10)
