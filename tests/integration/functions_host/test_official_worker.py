"""The app as the official Python worker of Azure Functions loads and calls it."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from local.stack.function_names import ALL_FUNCTIONS
from migrations.upgrade import upgrade
from shared.contracts.documents import FIRST_GENERATION, ShowtimeDocument, collection_name
from tests.builders.published_events import held_and_freed
from tests.servers.python_worker import PythonWorker, python_worker

pytestmark = [pytest.mark.integration, pytest.mark.full]

DATABASE = "official_worker"
HUB = {"EventHubName": "cinema.domain.events", "ConsumerGroup": "projector", "PartitionId": "0"}
_log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def worker(
    tmp_path_factory: pytest.TempPathFactory, mongo_url: str, redis_url: str
) -> Iterator[PythonWorker]:
    folder = tmp_path_factory.mktemp("worker")
    urls = {name: f"sqlite:///{folder / name}.db" for name in ("write", "reporting")}
    upgrade(write_url=urls["write"], reporting_url=urls["reporting"])
    settings = {
        **json.loads(Path("local.settings.json").read_text())["Values"],
        "WRITE_DATABASE_URL": urls["write"],
        "REPORTING_DATABASE_URL": urls["reporting"],
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE": DATABASE,
        "REDIS_URL": redis_url,
    }
    with python_worker(folder, settings=settings) as started:
        yield started


def test_it_finds_and_loads_every_function(worker: PythonWorker) -> None:
    assert set(worker.functions) == {*ALL_FUNCTIONS, "health", "livez"}
    _log.info("the worker had loaded every function after %.2f s", worker.seconds_to_load)


def test_a_command_is_carried_out_and_a_bad_one_refused(worker: PythonWorker) -> None:
    def put(body: str) -> Any:
        request = {
            "method": "PUT",
            "url": "http://localhost/api/movies/tt0078748",
            "params": {"movieId": "tt0078748"},
            "headers": {"content-type": "application/json"},
            "body": {"string": body},
        }
        return worker.invoke("register_movie", req={"http": request}).http

    answer = put('{"title": "Alien", "runtimeMinutes": 117}')
    assert answer.status_code == "201"
    assert json.loads(answer.body.bytes)["sequence"] == 1
    assert put("{").status_code == "400"


def test_a_timer_runs(worker: PythonWorker) -> None:
    due = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False}
    worker.invoke("reservation_expiry", timer={"json": json.dumps(due)})


def test_a_batch_of_events_is_projected(worker: PythonWorker, mongo_url: str) -> None:
    history = held_and_freed("c1", "c2")
    count = len(history.events)
    system = [
        {"SequenceNumber": number, "Offset": str(number), "EnqueuedTimeUtc": "2026-01-01T00:00:00Z"}
        for number in range(count)
    ]
    metadata = {
        "PartitionContext": {"json": json.dumps(HUB)},
        "SequenceNumberArray": {"collection_sint64": {"sint64": range(count)}},
        "OffsetArray": {"collection_string": {"string": map(str, range(count))}},
        "PropertiesArray": {"json": json.dumps([{}] * count)},
        "SystemPropertiesArray": {"json": json.dumps(system)},
    }
    bodies = {"bytes": [event.body for event in history.events]}
    worker.invoke("projector", metadata=metadata, events={"collection_bytes": bodies})
    with MongoClient[dict[str, Any]](mongo_url) as client:
        views = client[DATABASE][collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION)]
        document = views.find_one({"_id": str(history.showtime_id)})
    assert document is not None
    assert ShowtimeDocument.model_validate(document).sequence == count
