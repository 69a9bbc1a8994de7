"""A server that takes connections and never answers: each call ends by the settings, and the next one after it finds the server again."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from readsvc.errors import UnavailableError
from readsvc.mongo_reads import connect, lists, newest
from readsvc.settings import ReadServiceSettings
from readsvc.view_store import ViewStore
from shared.application.projections.ports import ViewStoreUnavailableError
from shared.bootstrap.views import patient_mongo, views_to_change
from shared.contracts.documents import FIRST_GENERATION, MovieDocument
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.servers.mongo import stand_in
from tests.servers.process import free_port, running

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

DEADLINE_SECONDS = 8
"""Longer than what the settings below allow, and shorter than the 10 s after which the driver's own watch finds out."""


class Hanging:
    """A server that can be made to hang."""

    def __init__(self, url: str, *, pid: int) -> None:
        self.url = url
        self._pid = pid

    def hang(self) -> None:
        os.kill(self._pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._pid, signal.SIGCONT)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Hanging]:
    port = free_port()
    with running(*stand_in(port=port, data=tmp_path), port=port) as process:
        hanging = Hanging(f"mongodb://127.0.0.1:{port}", pid=process.pid)
        yield hanging
        hanging.go_on()


async def test_a_query_ends_in_time_and_the_next_is_answered(server: Hanging) -> None:
    values = {"mongo_url": server.url, "redis_url": "", "mongo_timeout_seconds": 0.3}
    settings = ReadServiceSettings.model_validate(values)
    async with connect(settings) as client:
        store = ViewStore(newest=newest(client, settings), lists=lists(client, settings))
        assert await store.find("showtimes", "a", generation=1) is None
        server.hang()
        async with asyncio.timeout(DEADLINE_SECONDS):
            for _ in range(3):
                with pytest.raises(UnavailableError):
                    await store.find("showtimes", "a", generation=1)
            assert not await store.answers()
        server.go_on()
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await store.answers():
                await asyncio.sleep(0.05)
        assert await store.find("showtimes", "a", generation=1) is None


async def test_a_write_ends_in_time_and_the_next_is_done(server: Hanging) -> None:
    with patient_mongo(server.url, patience_ms=300) as client:
        store = MongoViewStore(
            views_to_change(client, f"test_{uuid4().hex}", patience_ms=300), generation=FIRST_GENERATION
        )
        movie = MovieDocument(id="tt1", rev=1, title="Alien", runtime_minutes=117, version=1)
        assert store.save([movie]) == set()
        server.hang()
        async with asyncio.timeout(DEADLINE_SECONDS):
            with pytest.raises(ViewStoreUnavailableError):
                await asyncio.to_thread(store.save, [movie.model_copy(update={"rev": 2})])
        server.go_on()
        assert store.save([movie.model_copy(update={"rev": 2})]) == set()
