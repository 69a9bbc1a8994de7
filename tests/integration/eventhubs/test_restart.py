"""The log survives restarts and kill -9."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from azure.eventhub import EventData
from azure.eventhub.exceptions import EventHubError

from tests.integration.eventhubs.emulator import DESCRIPTIONS, HUB, Emulator
from tests.integration.eventhubs.test_real_client import a_producer, bodies, receive, send

pytestmark = pytest.mark.integration


async def test_events_and_positions_survive_a_restart(tmp_path: Path) -> None:
    with Emulator.start(tmp_path) as first:
        await send(first, ["a", "b"], partition="0")
    with Emulator.start(tmp_path) as second:
        await send(second, ["c"], partition="0")
        events = await receive(second, count=3, partition_id="0")
    assert bodies(events) == ["a", "b", "c"]
    assert [event.sequence_number for event in events] == [0, 1, 2]


async def test_every_accepted_batch_survives_a_kill(tmp_path: Path) -> None:
    emulator = Emulator.start(tmp_path)
    accepted = 0
    async with a_producer(emulator) as producer:
        for number in range(1_000):
            if number == 200:
                emulator.kill()
            batch = await producer.create_batch(partition_id="0")
            batch.add(EventData(str(number)))
            try:
                await producer.send_batch(batch, timeout=5)
            except EventHubError:
                break
            accepted += 1
    assert accepted >= 200
    with Emulator.start(tmp_path) as restarted:
        events = await receive(restarted, count=accepted, partition_id="0")
    assert bodies(events)[:accepted] == [str(number) for number in range(accepted)]


async def test_a_torn_last_record_is_dropped_and_no_other(tmp_path: Path) -> None:
    with Emulator.start(tmp_path) as first:
        await send(first, ["a", "b"], partition="0")
    log = tmp_path / HUB / "0.log"
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 1)
    with Emulator.start(tmp_path) as second:
        await send(second, ["c"], partition="0")
        assert bodies(await receive(second, count=2, partition_id="0")) == ["a", "c"]


def test_another_number_of_partitions_is_refused(tmp_path: Path) -> None:
    with Emulator.start(tmp_path):
        pass
    result = run("--data", str(tmp_path), "--hub", f"{HUB}=5")
    assert result.returncode == 1
    assert "has 4 partitions on disk, not 5" in result.stderr


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        result = run("--data", str(tmp_path), "--port", str(port), "--hub", DESCRIPTIONS[0])
    assert result.returncode == 1
    assert f"port {port}" in result.stderr


def test_a_bad_description_of_a_hub_is_refused(tmp_path: Path) -> None:
    result = run("--data", str(tmp_path), "--hub", "popcorn")
    assert result.returncode == 2
    assert "NAME=PARTITIONS" in result.stderr


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.eventhubs", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
