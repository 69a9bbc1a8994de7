"""Event Hub functions on the local host, against the emulator."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.box_office import eventually
from tests.integration.eventhubs.emulator import HUB, Emulator
from tests.integration.eventhubs.test_real_client import send
from tests.integration.functions_host.host_process import running_host, write_app

pytestmark = pytest.mark.integration

APP = """
@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="%HUB%", connection="EventHub", consumer_group="projector",
    cardinality=func.Cardinality.MANY, data_type=func.DataType.BINARY)
@app.retry(strategy="fixed_delay", max_retry_count="RETRIES", delay_interval="00:00:00")
def take(events: typing.List[func.EventHubEvent], context: func.Context) -> None:
    with (here / "taken").open("a") as taken:
        for event in events:
            taken.write(f"{event.get_body().decode()} {event.sequence_number} {context.retry_context.retry_count}\\n")
    if any(event.get_body() == b"bad" for event in events) and not (here / "mended").exists():
        raise ValueError("bad event")
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator.start(tmp_path_factory.mktemp("hubs")) as running:
        yield running


def an_app(root: Path, emulator: Emulator, *, retries: int) -> Path:
    settings = {"EventHub": emulator.connection_string, "HUB": HUB}
    return write_app(root, APP.replace("RETRIES", str(retries)), settings=settings)


def publish(emulator: Emulator, *bodies: str) -> None:
    asyncio.run(send(emulator, list(bodies), partition="0"))


def test_a_failing_batch_is_retried_then_passed_over_and_a_restart_goes_on_behind_it(
    tmp_path: Path, emulator: Emulator
) -> None:
    root = an_app(tmp_path, emulator, retries=2)
    publish(emulator, "first")
    with running_host(root) as host:
        eventually(lambda: host.written("taken") != [])
        publish(emulator, "bad")
        eventually(lambda: len(host.written("taken")) >= 4)
        publish(emulator, "good")
        eventually(lambda: len(host.written("taken")) >= 5)
    assert host.written("taken") == ["first 0 0", "bad 1 0", "bad 1 1", "bad 1 2", "good 2 0"]
    publish(emulator, "later")
    with running_host(root) as again:
        eventually(lambda: len(again.written("taken")) >= 6)
    assert again.written("taken")[5:] == ["later 3 0"]


def test_a_batch_that_is_retried_for_ever_holds_its_partition_and_comes_again_after_a_restart(
    tmp_path: Path, emulator: Emulator
) -> None:
    publish(emulator, "bad")
    root = an_app(tmp_path, emulator, retries=-1)
    with running_host(root) as host:
        eventually(lambda: len(host.written("taken")) >= 3)
        publish(emulator, "waits")
        host.process.kill()
        host.process.wait()
    assert "waits" not in " ".join(host.written("taken"))
    (root / "mended").touch()
    with running_host(root) as again:
        eventually(lambda: any("waits" in line for line in again.written("taken")))
