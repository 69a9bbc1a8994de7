"""Parts are killed with -9 amid bookings: bookings go on where they can, and nothing is lost."""

import os
import signal
from collections.abc import Iterator

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


def _alive(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).is_success
    except httpx.HTTPError:
        return False
