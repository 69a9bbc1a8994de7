"""The look at the whole pipeline, as the function answers it, on real parts."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import uuid4

import pytest
from pymongo import MongoClient
from redis import Redis

from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.pipeline import open_pipeline
from shared.bootstrap.projector import open_projector
from shared.contracts.cache_entries import HITS_KEY, MISSES_KEY
from shared.infrastructure.mongo.mongo_view_progress import MongoViewProgress
from shared.infrastructure.sql.delivered_events import SqlDeliveredEvents
from shared.settings import PipelineSettings, ProjectorSettings
from tests.builders.outbox_messages import a_message
from tests.builders.published_events import ShowtimeHistory, held_and_freed
from tests.schemas.documented_client import DocumentedClient
from tests.servers.mongo import mongo_url
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]

pytestmark = pytest.mark.integration

PATH = "/api/ops/pipeline"


@pytest.fixture
def settings(outbox: OutboxDatabase, mongo_url: str, redis_url: str) -> PipelineSettings:
    return PipelineSettings(
        write_database_url=outbox.url,
        mongo_url=mongo_url,
        mongo_database=f"test_{uuid4().hex}",
        redis_url=redis_url,
        pipeline_patience_seconds=0.5,
    )


@pytest.fixture
def redis(redis_url: str) -> Iterator[Any]:
    with cast(Any, Redis).from_url(redis_url) as client:
        client.flushall()
        yield client


def look(settings: PipelineSettings, monkeypatch: pytest.MonkeyPatch, **changed: object) -> dict[str, Any]:
    with open_pipeline(settings.model_copy(update=changed)) as pipeline:
        answer = DocumentedClient.looking(pipeline, monkeypatch=monkeypatch).send("GET", PATH)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json


def commit(outbox: OutboxDatabase, history: ShowtimeHistory) -> None:
    """Let the outbox have had a history's events for long."""
    stream = f"showtime:{history.showtime_id}"
    outbox.commit(*(a_message(stream) for _ in history.events))
    with outbox.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE OutboxMessages SET OccurredAt = '2026-01-01 00:00:00.000000'")


def deliver(outbox: OutboxDatabase, *sinks: str) -> None:
    with outbox.engine.begin() as connection:
        for sink in sinks:
            connection.exec_driver_sql("DELETE FROM OutboxDeliveries WHERE Sink = ?", (sink,))


def project(settings: PipelineSettings, *events: ReceivedEvent) -> None:
    chosen = ProjectorSettings(
        mongo_url=settings.mongo_url, mongo_database=settings.mongo_database, redis_url=settings.redis_url
    )
    with open_projector(chosen) as projector:
        projector(events)


@pytest.fixture
def history() -> ShowtimeHistory:
    return held_and_freed("c1", "c2", "c3")


def test_what_the_hub_has_and_the_views_have_not_is_lag(
    outbox: OutboxDatabase,
    settings: PipelineSettings,
    history: ShowtimeHistory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit(outbox, history)
    deliver(outbox, "domain-events")
    project(settings, *history.events[:3])
    projector = look(settings, monkeypatch)["projector"]
    assert (projector["behind"], projector["lookedAt"]) == (4, 7)
    (partition,) = projector["partitions"]
    assert (partition["behind"], partition["exact"]) == (4, True)
    assert projector["lagSeconds"] == partition["lagSeconds"] > 0
    project(settings, *history.events)
    assert look(settings, monkeypatch)["projector"]["lagSeconds"] == 0


def test_what_waits_in_the_outbox_is_the_outboxs_business(
    outbox: OutboxDatabase,
    settings: PipelineSettings,
    history: ShowtimeHistory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit(outbox, history)
    deliver(outbox, "reporting", "reservations")
    answer = look(settings, monkeypatch)
    assert (answer["projector"]["lookedAt"], answer["projector"]["behind"]) == (0, 0)
    pending = {sink["sink"]: sink["pending"]["count"] for sink in answer["sinks"]}
    assert pending["domain-events"] == len(history.events)


def test_a_stream_that_is_held_for_the_hub_is_no_lag(outbox: OutboxDatabase) -> None:
    outbox.commit(*(a_message("showtime:0") for _ in range(3)))
    outbox.hold_first("domain-events")
    assert SqlDeliveredEvents(outbox.engine).newest(most=10) == []


def test_only_the_newest_are_looked_at(outbox: OutboxDatabase) -> None:
    outbox.commit(*(a_message(f"showtime:{number}") for number in range(5)))
    deliver(outbox, "domain-events")
    found = SqlDeliveredEvents(outbox.engine).newest(most=2)
    assert [event.stream_id for event in found] == ["showtime:3", "showtime:4"]


def test_gaps_and_parked_events_are_counted(
    settings: PipelineSettings, history: ShowtimeHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = ReceivedEvent(body=b"nonsense", partition="0", position=1, published=None)
    project(settings, history.events[0], history.events[2], poison)
    projector = look(settings, monkeypatch)["projector"]
    assert projector["gaps"]["showtimes"] == {"count": 1, "exact": True}
    assert projector["gaps"]["oldest"].endswith("Z")
    assert projector["parked"] == {"count": 1, "exact": True}


def test_counting_ends_somewhere(settings: PipelineSettings) -> None:
    poison = [
        ReceivedEvent(body=b"%d" % number, partition="0", position=number, published=None)
        for number in range(3)
    ]
    project(settings, *poison)
    with MongoClient[dict[str, Any]](settings.mongo_url) as client:
        views = MongoViewProgress(client[settings.mongo_database], counted_to=2)
        assert (views.parked().count, views.parked().exact) == (2, False)


def test_the_hit_rate_comes_from_the_read_services_counters(
    settings: PipelineSettings, redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(settings, monkeypatch)["cache"] == {"hits": 0, "misses": 0, "hitRate": None}
    redis.incrby(HITS_KEY, 9)
    redis.incrby(MISSES_KEY, 1)
    assert look(settings, monkeypatch)["cache"] == {"hits": 9, "misses": 1, "hitRate": 0.9}


@pytest.mark.parametrize(
    ("setting", "url", "station", "part"),
    [
        ("mongo_url", "mongodb://127.0.0.1:1", "views", "projector"),
        ("redis_url", "redis://127.0.0.1:1/0", "cache", "cache"),
    ],
)
def test_a_part_that_is_down_is_named_and_the_rest_is_told(
    settings: PipelineSettings,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    url: str,
    station: str,
    part: str,
) -> None:
    answer = look(settings, monkeypatch, **{setting: url})
    assert list(answer["unreadable"]) == [station]
    assert [name for name in ("projector", "cache") if answer[name] is None] == [part]


def test_without_the_write_database_there_is_no_answer(
    settings: PipelineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = settings.model_copy(update={"write_database_url": "postgresql://nobody@127.0.0.1:1/none"})
    with open_pipeline(away) as pipeline:
        client = DocumentedClient.looking(pipeline, monkeypatch=monkeypatch)
        assert client.send("GET", PATH).status == 503
        assert client.send("GET", f"{PATH}?sink=reporting").status == 422
