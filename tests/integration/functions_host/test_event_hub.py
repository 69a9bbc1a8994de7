"""Event Hub functions on the local host, against the emulator."""

import asyncio
import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.eventhub import EventData

from tests.e2e.box_office import eventually
from tests.integration.eventhubs.emulator import HUB, OTHER_HUB, Emulator
from tests.integration.eventhubs.test_real_client import a_producer, send
from tests.integration.functions_host.host_process import RunningHost, running_host, write_app

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


TELLING = """
import json

@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="overridden", connection="EventHub", consumer_group="second",
    cardinality=func.Cardinality.MANY, data_type=func.DataType.BINARY)
@app.retry(strategy="fixed_delay", max_retry_count="1", delay_interval="00:00:00")
def tell(events: typing.List[func.EventHubEvent], context: func.Context) -> None:
    names = ("SequenceNumberArray", "PropertiesArray", "PartitionContext")
    with (here / "told").open("a") as told:
        for event in events:
            known = {name: event.metadata[name] for name in names}
            told.write(json.dumps({"id": context.invocation_id, "key": event.partition_key, **known}) + "\\n")
    if context.retry_context.retry_count == 0:
        raise ValueError("once more")
"""

ONE_BY_ONE = """
@app.event_hub_message_trigger(
    arg_name="event", event_hub_name="cinema.reservations", connection="EventHub", data_type=func.DataType.BINARY)
def take_one(event: func.EventHubEvent) -> None:
    with (here / "taken").open("a") as taken:
        taken.write(f"{event.get_body().decode()} {event.sequence_number}\\n")
"""

MEETING = """
@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="cinema.reservations", connection="EventHub",
    cardinality=func.Cardinality.MANY, data_type=func.DataType.BINARY)
def meet(events: typing.List[func.EventHubEvent]) -> None:
    for event in events:
        partition, name = event.get_body().decode().split()
        (here / f"begun {partition} {name}").touch()
        while not (here / f"let {name}").exists():
            time.sleep(0.01)
        with (here / "ended").open("a") as ended:
            ended.write(f"{partition} {name}\\n")
"""


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


def test_each_event_knows_its_whole_batch_and_a_retry_is_the_same_invocation(
    tmp_path: Path, emulator: Emulator
) -> None:
    properties = {"kind": "test"}
    asyncio.run(send_keyed(emulator, ["a", "b"], key="showtime:1", properties=properties))
    connection = f"{emulator.connection_string}EntityPath={HUB}"
    with running_host(write_app(tmp_path, TELLING, settings={"EventHub": connection})) as host:
        eventually(lambda: len(about(host, key="showtime:1")) == 4)
    told = about(host, key="showtime:1")
    assert len({each["id"] for each in told}) == 1
    first = told[0]["SequenceNumberArray"][0]
    for each in told:
        assert each["SequenceNumberArray"] == [first, first + 1]
        assert each["PropertiesArray"] == [properties, properties]
        assert (each["PartitionContext"]["EventHubName"], each["PartitionContext"]["ConsumerGroup"]) == (
            HUB,
            "second",
        )


def about(host: RunningHost, *, key: str) -> list[dict[str, Any]]:
    return [told for line in host.written("told") if (told := json.loads(line))["key"] == key]


async def send_keyed(emulator: Emulator, bodies: list[str], *, key: str, properties: dict[str, str]) -> None:
    async with a_producer(emulator) as producer:
        batch = await producer.create_batch(partition_key=key)
        for body in bodies:
            event = EventData(body)
            event.properties = {**properties}
            batch.add(event)
        await producer.send_batch(batch)


def test_without_a_cardinality_a_function_gets_one_event_at_a_time(tmp_path: Path) -> None:
    with Emulator.start(tmp_path / "hubs") as own:
        asyncio.run(send(own, ["a", "b"], partition="0", hub=OTHER_HUB))
        settings = {"EventHub": own.connection_string}
        with running_host(write_app(tmp_path, ONE_BY_ONE, settings=settings)) as host:
            eventually(lambda: host.written("taken") == ["a 0", "b 1"])


def test_partitions_run_beside_each_other_and_a_batch_cut_by_a_stop_comes_again(tmp_path: Path) -> None:
    with Emulator.start(tmp_path / "hubs") as own:
        for partition in ("0", "1"):
            asyncio.run(send(own, [f"{partition} first"], partition=partition, hub=OTHER_HUB))
        root = write_app(tmp_path, MEETING, settings={"EventHub": own.connection_string})
        with running_host(root) as host:
            eventually(lambda: all((root / f"begun {partition} first").exists() for partition in "01"))
            host.process.send_signal(signal.SIGTERM)
            eventually(lambda: cannot_connect(host.port))
            (root / "let first").touch()
            assert host.process.wait(timeout=30) == 0
        assert sorted(host.written("ended")) == ["0 first", "1 first"]
        with running_host(root) as again:
            eventually(lambda: sorted(again.written("ended")) == sorted(2 * ["0 first", "1 first"]))


def cannot_connect(port: int) -> bool:
    """Whether nobody listens any more: the host is stopping."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False
