"""The projector as the host runs it: a store that is killed holds its partition, and nothing is passed over."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from local.stack.function_names import HTTP_FUNCTIONS, TIMER_FUNCTIONS
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import FIRST_GENERATION, ShowtimeDocument, collection_name
from tests.builders.published_events import ShowtimeHistory, held_and_freed
from tests.e2e.box_office import eventually
from tests.integration.eventhubs.emulator import HUB, Emulator
from tests.integration.eventhubs.test_real_client import send
from tests.servers.process import free_port, module, wait_until_listening
from tests.unit.projections.projection import Projection, stripped

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
PARTITION = "0"


@dataclass
class RunningProjector:
    """A hub, the MongoDB stand-in and a host with the projector alone; each can be killed and comes back as it was."""

    folder: Path
    redis_url: str
    emulator: Emulator
    mongo_port: int = field(default_factory=free_port)
    mongo: subprocess.Popen[bytes] | None = None
    host: subprocess.Popen[bytes] | None = None

    def start_mongo(self) -> None:
        command = module("local.mongo", "--port", self.mongo_port, "--data", self.folder / "mongo")
        self.mongo = subprocess.Popen(command)
        wait_until_listening(self.mongo_port, process=self.mongo)

    def start_host(self) -> None:
        port = free_port()
        others = {f"AzureWebJobs.{name}.Disabled": "true" for name in HTTP_FUNCTIONS + TIMER_FUNCTIONS}
        settings = {
            "EventHub": self.emulator.connection_string,
            "MONGO_URL": f"mongodb://127.0.0.1:{self.mongo_port}",
            "MONGO_DATABASE": "cinema",
            "REDIS_URL": self.redis_url,
            "MONGO_TIMEOUT_SECONDS": "0.3",
        }
        command = module("local.functions_host", "start", "--port", port, "--state", self.folder / "state")
        with (self.folder / "output.log").open("ab") as output:
            self.host = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **others, **settings},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until_listening(port, process=self.host)

    def kill(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is not None:
            process.kill()
            process.wait(timeout=10)

    def publish(self, events: Sequence[ReceivedEvent]) -> None:
        bodies = [event.body.decode() for event in events]
        asyncio.run(send(self.emulator, bodies, partition=PARTITION))

    @property
    def failures(self) -> int:
        """How many invocations have failed, as the host tells."""
        return (
            (self.folder / "output.log")
            .read_text()
            .count("Exception while executing function: Functions.projector")
        )

    @property
    def checkpoint(self) -> int | None:
        """The last position that the host would not read again."""
        for file in (self.folder / "state").rglob(f"checkpoint-{PARTITION}.json"):
            return json.loads(file.read_text())["sequence_number"]
        return None

    def showtime(self, history: ShowtimeHistory) -> ShowtimeDocument | None:
        with (
            suppress(PyMongoError),
            MongoClient[dict[str, Any]](
                f"mongodb://127.0.0.1:{self.mongo_port}", serverSelectionTimeoutMS=500
            ) as client,
        ):
            views = client["cinema"][collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION)]
            stored = views.find_one({"_id": str(history.showtime_id)})
            return None if stored is None else ShowtimeDocument.model_validate(stored)
        return None

    def has_reached(self, history: ShowtimeHistory, sequence: int) -> bool:
        document = self.showtime(history)
        return document is not None and document.sequence == sequence


@pytest.fixture
def running(tmp_path: Path, redis_url: str) -> Iterator[RunningProjector]:
    with Emulator.start(tmp_path / "hubs", hubs=(f"{HUB}=1:projector",)) as emulator:
        started = RunningProjector(tmp_path, redis_url, emulator)
        started.start_mongo()
        started.start_host()
        yield started
        started.kill(started.host)
        started.kill(started.mongo)


@pytest.fixture
def history() -> ShowtimeHistory:
    return held_and_freed("c1", "c2", "c3")


def right(history: ShowtimeHistory) -> ShowtimeDocument:
    return Projection().project(history.events).showtime(history.showtime_id)


@pytest.mark.parametrize("host_dies_too", [False, True])
def test_a_store_that_is_killed_holds_the_partition_and_nothing_is_passed_over(
    running: RunningProjector, history: ShowtimeHistory, *, host_dies_too: bool
) -> None:
    running.publish(history.events[:3])
    eventually(lambda: running.has_reached(history, 3) and running.checkpoint == 2)

    running.kill(running.mongo)
    running.publish(history.events[3:5])
    eventually(lambda: running.failures >= 3)
    running.publish(history.events[5:])
    assert running.checkpoint == 2
    if host_dies_too:
        running.kill(running.host)
        running.start_host()
        before = running.failures
        eventually(lambda: running.failures > before)
        assert running.checkpoint == 2

    running.start_mongo()
    eventually(lambda: running.has_reached(history, 7) and running.checkpoint == 6, seconds=60)
    document = running.showtime(history)
    assert document is not None
    assert stripped(document) == stripped(right(history))


def test_poison_is_passed_over_at_once(running: RunningProjector, history: ShowtimeHistory) -> None:
    poison = ReceivedEvent(body=b"popcorn", partition=PARTITION, position=1, published=None)
    running.publish([history.events[0], poison, *history.events[1:]])
    eventually(lambda: running.has_reached(history, 7) and running.checkpoint == 7)
    assert running.failures == 0
