"""Parts are killed with -9 amid bookings: bookings go on where they can, and nothing is lost."""

import os
import signal
from collections.abc import Iterator
from dataclasses import asdict

import httpx
import pytest

from tests.e2e.box_office import BoxOffice, eventually
from tests.e2e.stack_process import StackProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    with StackProcess.start(state=tmp_path_factory.mktemp("fragile")) as process:
        yield process.wait_until_running()


@pytest.fixture
def fragile_office(fragile: StackProcess) -> Iterator[BoxOffice]:
    with httpx.Client(base_url=fragile.url, trust_env=False, timeout=20) as client:
        yield BoxOffice(client)


def test_one_node_can_die_without_a_client_noticing_and_comes_back(
    fragile: StackProcess, fragile_office: BoxOffice
) -> None:
    showtime_id = fragile_office.open_showtime()
    victim = fragile.pid_listening(fragile.ports.node_1)
    os.kill(victim, signal.SIGKILL)
    for number in range(1, 11):
        fragile_office.reserve(showtime_id, ("A", number))
    with httpx.Client(trust_env=False) as client:
        eventually(lambda: _alive(client, f"http://127.0.0.1:{fragile.ports.node_1}/livez"))
    assert fragile.pid_listening(fragile.ports.node_1) != victim


@pytest.mark.parametrize("victim", ["event_hubs", "mongo", "redis", "timers", "projector"])
def test_a_killed_part_loses_no_event(fragile: StackProcess, fragile_office: BoxOffice, victim: str) -> None:
    showtime_id = fragile_office.open_showtime()
    fragile_office.reserve(showtime_id, ("A", 1))
    port = getattr(fragile.ports, victim)
    os.kill(fragile.pid_listening(port), signal.SIGKILL)
    booked = [fragile_office.reserve(showtime_id, ("A", number)) for number in range(2, 9)]
    showtime = fragile_office.seen(showtime_id, sequence=booked[-1]["sequence"])
    assert showtime["freeSeats"] == 12


@pytest.mark.parametrize(
    ("part", "command"),
    [
        ("event hubs", "-m local.eventhubs "),
        ("mongodb", "-m local.mongo "),
        ("redis", "valkey-server"),
        ("node 1", "--port {node_1} "),
        ("node 2", "--port {node_2} "),
        ("timers", "--port {timers} "),
        ("projector", "--port {projector} "),
        ("read service", "-m readsvc"),
        ("load balancer", "load_balancer.yaml"),
        ("gateway", "gateway.yaml"),
    ],
)
def test_a_killed_part_comes_back_on_the_screen_and_a_booking_is_visible_again(
    fragile: StackProcess, fragile_office: BoxOffice, part: str, command: str
) -> None:
    showtime_id = fragile_office.open_showtime()
    restarts = fragile.printed.count(f"{part} is back")
    os.kill(fragile.pid_of(command.format(**asdict(fragile.ports))), signal.SIGKILL)
    fragile.wait_for_output(f"{part} is back", times=restarts + 1)
    booked = fragile_office.reserve(showtime_id, ("A", 1))
    assert fragile_office.seen(showtime_id, sequence=booked["sequence"])["freeSeats"] == 19
    told = fragile.printed.splitlines()
    death = next(number for number, line in enumerate(told) if f"{part} was killed by SIGKILL" in line)
    assert told[death + 1].endswith(f"/logs/{part.replace(' ', '-')}.log")


def _alive(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).is_success
    except httpx.HTTPError:
        return False
