"""Two projectors in two processes, at once, on one store, each with half of the events."""

import subprocess
from typing import Any, cast

import pytest
from pymongo import MongoClient
from redis import Redis

from shared.contracts.cache_entries import decode_entry, entry_key
from shared.contracts.documents import (
    FIRST_GENERATION,
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
    collection_name,
)
from shared.settings import ProjectorSettings
from tests.integration.projector.projecting import busy_cinema
from tests.servers.process import module
from tests.unit.projections.cinema_histories import facts_in, truth_of

pytestmark = pytest.mark.integration

MODELS = (MovieDocument, AuditoriumDocument, ShowtimeDocument, ReservationDocument)


def start(settings: ProjectorSettings, *, which: int) -> subprocess.Popen[str]:
    command = module(
        "tests.integration.projector.projecting",
        settings.mongo_url,
        settings.mongo_database,
        settings.redis_url,
        which,
    )
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run_together(*processes: subprocess.Popen[str]) -> None:
    """Wait until all are ready, let them go, and wait for their ends."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.wait(timeout=120) for process in processes] == [0, 0]


def documents(settings: ProjectorSettings, model: type[ViewDocument]) -> dict[str, ViewDocument]:
    with MongoClient[dict[str, Any]](settings.mongo_url) as client:
        found = list(
            client[settings.mongo_database][collection_name(model.view, generation=FIRST_GENERATION)].find()
        )
    return {stored["_id"]: model.model_validate(stored) for stored in found}


def test_two_processes_at_once_end_in_what_is_true(settings: ProjectorSettings) -> None:
    processes = [start(settings, which=which) for which in (0, 1)]
    try:
        run_together(*processes)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    views = {model.view: documents(settings, model) for model in MODELS}
    assert facts_in(views) == truth_of(busy_cinema())
    showtimes = views[ShowtimeDocument.view].values()
    assert all(isinstance(one, ShowtimeDocument) and one.gap_since is None for one in showtimes)
    with cast(Any, Redis).from_url(settings.redis_url) as redis:
        for document in showtimes:
            cached = decode_entry(
                redis.get(entry_key(document.view, document.id, generation=FIRST_GENERATION))
            )
            assert cached.rev == document.rev
