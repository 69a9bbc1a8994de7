"""Filling gaps as the timer function does it, wired from the environment, on real databases."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest
from pymongo import MongoClient
from sqlalchemy import Engine, insert

from functions.projection_gaps_timer import bp
from migrations.upgrade import upgrade_branch
from shared.application.audit.ports import StationUnreadableError
from shared.bootstrap.projection_gaps import projection_gaps
from shared.bootstrap.projector import open_projector
from shared.contracts.documents import ShowtimeDocument, collection_name
from shared.contracts.generations import Building, Generations
from shared.infrastructure.mongo.mongo_generations import MongoGenerations
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_tables import event_log
from shared.settings import ProjectionGapSettings, ProjectorSettings, SettingsError, load
from tests.builders.event_log_rows import event_row
from tests.builders.published_events import ShowtimeHistory
from tests.unit.projections.projection import Projection, stripped

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class World:
    """Views, and an archive of which a test says what is in it."""

    settings: ProjectorSettings
    archive: Engine

    def project(self, history: ShowtimeHistory, *, lost: Collection[int]) -> None:
        with open_projector(self.settings) as project:
            project([event for n, event in enumerate(history.events, start=1) if n not in lost])

    def archive_events(self, history: ShowtimeHistory, *sequences: int) -> None:
        with self.archive.begin() as connection:
            for sequence in sequences or range(1, len(history.events) + 1):
                connection.execute(insert(event_log).values(event_row(history.events[sequence - 1])))

    def begin(self, generation: int) -> None:
        """Begin to build a generation of views beside the one that there is."""
        generations = Generations(rev=1, building=Building(generation=generation), newest=generation)
        with MongoClient[dict[str, Any]](self.settings.mongo_url) as client:
            assert MongoGenerations(client[self.settings.mongo_database]).replace(generations)

    def showtime(self, history: ShowtimeHistory, *, generation: int = 1) -> ShowtimeDocument:
        with MongoClient[dict[str, Any]](self.settings.mongo_url) as client:
            name = collection_name(ShowtimeDocument.view, generation=generation)
            views = client[self.settings.mongo_database][name]
            return ShowtimeDocument.model_validate(views.find_one({"_id": str(history.showtime_id)}))


@pytest.fixture
def world(settings: ProjectorSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'reporting.db'}"
    upgrade_branch("reporting", url=url)
    monkeypatch.setenv("REPORTING_DATABASE_URL", url)
    monkeypatch.setenv("MONGO_URL", settings.mongo_url)
    monkeypatch.setenv("MONGO_DATABASE", settings.mongo_database)
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("PROJECTION_GAP_SECONDS", "1e-6")
    archive = create_database_engine(url, lock_wait_seconds=5.0, pool_size=1)
    projection_gaps.cache_clear()
    yield World(settings, archive)
    projection_gaps.cache_clear()
    archive.dispose()


def fire() -> None:
    app = func.FunctionApp()
    app.register_functions(bp)
    (function,) = app.get_functions()
    function.get_user_function()(None)


@pytest.fixture
def history() -> ShowtimeHistory:
    history = ShowtimeHistory()
    history.created()
    for customer in ("c1", "c2"):
        history.held(customer, ("A", 1))
        history.freed(customer, ("A", 1))
    return history


@pytest.mark.parametrize("lost", [{1}, {2, 3}, {1, 2, 4}])
def test_a_run_fills_what_was_lost_and_says_so(
    world: World, history: ShowtimeHistory, lost: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    world.project(history, lost=lost)
    world.archive_events(history)
    with caplog.at_level(logging.INFO):
        fire()
    right = Projection().project(history.events).showtime(history.showtime_id)
    assert stripped(world.showtime(history)) == stripped(right)
    assert f"projection_gaps generation=1 filled={len(lost)} waiting=0 showtimes=0" in caplog.text


def test_what_is_not_archived_yet_waits_for_another_run(
    world: World, history: ShowtimeHistory, caplog: pytest.LogCaptureFixture
) -> None:
    world.project(history, lost={2, 4})
    world.archive_events(history, 4)
    with caplog.at_level(logging.INFO):
        fire()
    assert (
        "projection_gaps generation=1 filled=1 waiting=1 showtimes=1 failed=0 oldest_seconds=" in caplog.text
    )
    world.archive_events(history, 2)
    fire()
    assert world.showtime(history).sequence == len(history.events)


def test_where_nothing_is_missing_nothing_is_said(
    world: World, history: ShowtimeHistory, caplog: pytest.LogCaptureFixture
) -> None:
    world.project(history, lost=())
    with caplog.at_level(logging.INFO):
        fire()
    assert "projection_gaps" not in caplog.text


def test_every_generation_of_the_views_is_filled(world: World, history: ShowtimeHistory) -> None:
    world.begin(2)
    world.project(history, lost={2, 4})
    assert world.showtime(history, generation=2).ahead == (3, 5)
    world.archive_events(history)
    fire()
    right = Projection().project(history.events).showtime(history.showtime_id)
    for generation in (1, 2):
        assert stripped(world.showtime(history, generation=generation)) == stripped(right)


def test_a_young_gap_is_left_alone(
    world: World, history: ShowtimeHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROJECTION_GAP_SECONDS", "3600")
    world.project(history, lost={2})
    world.archive_events(history)
    fire()
    assert world.showtime(history).ahead == (3, 4, 5)


def test_an_archive_that_is_not_there_fails_the_run(world: World, history: ShowtimeHistory) -> None:
    world.project(history, lost={2})
    with world.archive.begin() as connection:
        connection.exec_driver_sql("DROP TABLE EventLog")
    with pytest.raises(StationUnreadableError, match="EventLog"):
        fire()


@pytest.mark.parametrize("variable", ["PROJECTION_GAP_SECONDS", "PROJECTION_GAP_EVENTS"])
def test_a_setting_that_is_none_is_named(
    world: World, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del world
    monkeypatch.setenv(variable, "0")
    with pytest.raises(SettingsError, match=variable):
        load(ProjectionGapSettings)
