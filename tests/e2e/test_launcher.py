"""`make run` as a newcomer meets it: Ctrl-C, a second run, a taken port, a killed launcher."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.box_office import BoxOffice, eventually, status_of
from tests.e2e.stack_process import ROOT, StackProcess, free_offset, is_alive

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_a_stack_stops_leaving_nothing_and_finds_its_data_again(tmp_path: Path) -> None:
    with StackProcess.start(state=tmp_path) as first:
        first.wait_until_running()
        with httpx.Client(base_url=first.url, trust_env=False, timeout=20) as client:
            showtime_id = BoxOffice(client).open_showtime()
            reservation = BoxOffice(client).reserve(showtime_id, ("A", 1))
        children = list(first.children())
        assert len(children) >= 10
        assert first.stop() == 0
        assert not any(is_alive(pid) for pid in children)
    with StackProcess.start(state=tmp_path, offset=first.offset) as second:
        printed = second.wait_until_running().printed
        assert "earlier run" in printed
        with httpx.Client(base_url=second.url, trust_env=False, timeout=20) as client:
            seen = BoxOffice(client).seen(showtime_id, sequence=reservation["sequence"])
        assert status_of(seen, ("A", 1)) == "Held"


@pytest.mark.full
def test_a_stack_whose_views_were_rebuilt_starts_again(tmp_path: Path) -> None:
    with StackProcess.start(state=tmp_path) as first:
        first.wait_until_running()
        rebuild = (sys.executable, "-m", "cli", "--settings", str(tmp_path / "settings.json"), "rebuild")
        in_short = {"REBUILD_GRACE_SECONDS": "5", "MONGO_TIMEOUT_SECONDS": "1"}
        told = subprocess.run(
            rebuild, cwd=ROOT, env=os.environ | in_short, capture_output=True, text=True, check=True
        )
        assert "Generation 2 is live." in told.stdout
        first.stop()
    with StackProcess.start(state=tmp_path, offset=first.offset) as second:
        second.wait_until_running()


def test_a_killed_launcher_leaves_no_process_behind(tmp_path: Path) -> None:
    with StackProcess.start(state=tmp_path) as stack:
        stack.wait_until_running()
        children = list(stack.children())
        os.kill(stack.launcher.pid, signal.SIGKILL)
        eventually(lambda: not any(is_alive(pid) for pid in children))


def test_a_taken_port_is_named_and_nothing_is_left_running(tmp_path: Path) -> None:
    offset = free_offset()
    with (
        socket.create_server(("127.0.0.1", 5003 + offset)),
        StackProcess.start(state=tmp_path, offset=offset) as stack,
    ):
        printed = stack.refusal()
    assert f"Port {5003 + offset}" in printed
    assert "load balancer" in printed
    assert "CINEMA_PORT_OFFSET" in printed


def test_a_part_that_dies_at_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    with StackProcess.start(state=tmp_path, CINEMA_TIME_ZONE="Nowhere") as stack:
        printed = stack.refusal()
    assert "read service exited with code 1" in printed
    assert "'Nowhere' is no time zone" in printed
