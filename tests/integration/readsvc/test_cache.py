"""Redis first, and what happens to the cache on a miss."""

import pytest

from shared.contracts.cache_entries import HITS_KEY, MISSES_KEY, NEGATIVE_ENTRY, entry_key, lease_key
from shared.contracts.documents import FIRST_GENERATION
from tests.builders.view_documents import a_showtime
from tests.servers.read_service import ReadService, Views, eventually, refusal

pytestmark = pytest.mark.integration


def count(views: Views, key: str) -> int:
    return int(views.value(key) or 0)


def test_a_hit_needs_no_mongodb(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    views.cache(showtime)
    assert service.get_showtime(showtime.id).showtime_id == showtime.id


def test_a_miss_fills_the_cache_and_gives_its_lease_back(service: ReadService, views: Views) -> None:
    showtime = a_showtime(rev=4)
    views.store(showtime)
    key = entry_key(showtime.view, showtime.id, generation=FIRST_GENERATION)
    service.get_showtime(showtime.id)
    assert views.value(key) == b"4\n" + showtime.model_dump_json(by_alias=True).encode()
    assert views.value(lease_key(key)) is None
    views.drop(showtime)
    assert service.get_showtime(showtime.id).showtime_id == showtime.id


def test_that_there_is_no_such_document_is_cached_until_it_comes(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    refusal(lambda: service.get_showtime(showtime.id))
    assert views.value(entry_key(showtime.view, showtime.id, generation=FIRST_GENERATION)) == NEGATIVE_ENTRY
    views.project(showtime)
    assert service.get_showtime(showtime.id).showtime_id == showtime.id


def test_nobody_fills_while_another_holds_the_lease(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    views.store(showtime)
    key = entry_key(showtime.view, showtime.id, generation=FIRST_GENERATION)
    views.redis.set(lease_key(key), "another reader's", px=60_000)
    assert service.get_showtime(showtime.id).showtime_id == showtime.id
    assert views.value(key) is None


def test_hits_and_misses_are_counted_in_redis(service: ReadService, views: Views) -> None:
    hits, misses = count(views, HITS_KEY), count(views, MISSES_KEY)
    showtime = a_showtime()
    views.store(showtime)
    for _ in range(3):
        service.get_showtime(showtime.id)
    eventually(lambda: count(views, HITS_KEY) >= hits + 2 and count(views, MISSES_KEY) >= misses + 1)


@pytest.mark.parametrize("value", [b"no rev at all", b"1\n{}", b"1\nnot json"])
def test_an_entry_that_can_not_be_read_is_passed_over(
    service: ReadService, views: Views, value: bytes
) -> None:
    showtime = a_showtime()
    views.store(showtime)
    views.redis.set(entry_key(showtime.view, showtime.id, generation=FIRST_GENERATION), value)
    assert service.get_showtime(showtime.id).showtime_id == showtime.id
