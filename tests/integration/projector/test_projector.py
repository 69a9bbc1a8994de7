"""The projector as it is wired, on Valkey and each of the MongoDB servers."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import uuid4

import pytest
from pymongo import MongoClient
from redis import Redis

from shared.application.projections.generations import Project
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.projector import open_projector
from shared.contracts.cache_entries import (
    FILL_SCRIPT,
    NEGATIVE_ENTRY,
    channel,
    decode_entry,
    encode_entry,
    entry_key,
    lease_key,
)
from shared.contracts.documents import (
    FIRST_GENERATION,
    ReservationDocument,
    ShowtimeDocument,
    collection_name,
)
from shared.infrastructure.cache.redis_view_cache import RedisViewCache
from shared.infrastructure.mongo.mongo_failure_parking import COLLECTION
from shared.settings import ProjectorSettings
from tests.builders.published_events import ShowtimeHistory
from tests.servers.mongo import MongoServer
from tests.servers.process import free_port
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(mongo_server: MongoServer, redis_url: str) -> ProjectorSettings:
    return ProjectorSettings(
        mongo_url=mongo_server.url, mongo_database=f"test_{uuid4().hex}", redis_url=redis_url
    )


@pytest.fixture
def project(settings: ProjectorSettings) -> Iterator[Project]:
    with open_projector(settings) as projector:
        yield projector


@pytest.fixture
def redis(redis_url: str) -> Iterator[Any]:
    with cast(Any, Redis).from_url(redis_url) as client:
        client.flushall()
        yield client


def stored(settings: ProjectorSettings, view: str) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](settings.mongo_url) as client:
        return list(client[settings.mongo_database][view].find())


def test_a_batch_ends_in_mongodb_and_in_redis(
    settings: ProjectorSettings, project: Project, redis: Any
) -> None:
    history = ShowtimeHistory()
    history.created()
    history.held("c", ("A", 1))
    project(history.events)
    (showtime,) = stored(settings, collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION))
    (reservation,) = stored(settings, collection_name(ReservationDocument.view, generation=FIRST_GENERATION))
    assert showtime["claims"]["A-1"] == {"status": "Held", "reservationId": reservation["_id"], "seq": 2}
    cached = decode_entry(
        redis.get(entry_key(ShowtimeDocument.view, showtime["_id"], generation=FIRST_GENERATION))
    )
    assert cached.rev == showtime["rev"]
    assert ShowtimeDocument.model_validate_json(cached.document or b"") == ShowtimeDocument.model_validate(
        showtime
    )


def test_poison_is_parked_once(settings: ProjectorSettings, project: Project) -> None:
    poison = ReceivedEvent(body=b"\xff", partition="3", position=7, published=None)
    project([poison])
    project([poison])
    (parked,) = stored(settings, COLLECTION)
    assert (parked["partition"], parked["position"], parked["body"]) == ("3", 7, b"\xff")


def test_redis_that_is_gone_does_not_hold_the_partition(mongo_url: str) -> None:
    settings = ProjectorSettings(
        mongo_url=mongo_url,
        mongo_database=f"test_{uuid4().hex}",
        redis_url=f"redis://127.0.0.1:{free_port()}/0",
    )
    history = ShowtimeHistory()
    with open_projector(settings) as project:
        project([history.created()])
    assert len(stored(settings, collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION))) == 1


@pytest.fixture
def versions() -> tuple[ShowtimeDocument, ShowtimeDocument]:
    """An older and a newer document of one showtime."""
    history = ShowtimeHistory()
    projection = Projection().project([history.created()])
    older = projection.showtime(history.showtime_id)
    return older, projection.project([history.held("c", ("A", 1))]).showtime(history.showtime_id)


def fill(redis: Any, document: ShowtimeDocument | None, *, key: str, owner: str) -> int:
    """What a reader does with what it found in MongoDB."""
    value = NEGATIVE_ENTRY
    if document is not None:
        value = encode_entry(rev=document.rev, document=document.model_dump_json(by_alias=True).encode())
    return redis.eval(FILL_SCRIPT, 2, key, lease_key(key), owner, value, 60_000)


@pytest.mark.parametrize("lost_by", ["eviction", "flush"])
def test_a_slow_reader_can_not_put_an_old_document_back(
    redis: Any, versions: tuple[ShowtimeDocument, ShowtimeDocument], lost_by: str
) -> None:
    older, newer = versions
    key = entry_key(older.view, older.id, generation=FIRST_GENERATION)
    redis.set(lease_key(key), "reader", nx=True, px=3_000)
    RedisViewCache(redis, generation=FIRST_GENERATION).write([newer])
    if lost_by == "eviction":
        redis.delete(key)
    else:
        redis.flushall()
    assert fill(redis, older, key=key, owner="reader") == 0
    assert redis.get(key) is None


def test_a_negative_entry_does_not_hide_a_fresh_document(
    redis: Any, versions: tuple[ShowtimeDocument, ShowtimeDocument]
) -> None:
    older, _ = versions
    key = entry_key(older.view, older.id, generation=FIRST_GENERATION)
    redis.set(lease_key(key), "reader", nx=True, px=3_000)
    assert fill(redis, None, key=key, owner="reader") == 1
    RedisViewCache(redis, generation=FIRST_GENERATION).write([older])
    assert decode_entry(redis.get(key)).rev == older.rev
    redis.set(lease_key(key), "slow reader", nx=True, px=3_000)
    assert fill(redis, None, key=key, owner="slow reader") == 0


def test_an_older_write_does_not_replace_a_newer_entry_and_watchers_are_told(
    redis: Any, versions: tuple[ShowtimeDocument, ShowtimeDocument]
) -> None:
    older, newer = versions
    with redis.pubsub(ignore_subscribe_messages=True) as watcher:
        watcher.subscribe(channel(newer.view, newer.id, generation=FIRST_GENERATION))
        watcher.get_message(timeout=5)
        RedisViewCache(redis, generation=FIRST_GENERATION).write([newer])
        message = watcher.get_message(timeout=5)
    RedisViewCache(redis, generation=FIRST_GENERATION).write([older])
    assert message["data"] == str(newer.rev).encode()
    assert (
        decode_entry(redis.get(entry_key(newer.view, newer.id, generation=FIRST_GENERATION))).rev == newer.rev
    )
