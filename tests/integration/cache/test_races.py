"""Readers that are slow, and what becomes of what they put into the cache."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from shared.contracts.cache_entries import LEASE_MILLISECONDS, NEGATIVE_TTL_SECONDS, TTL_SECONDS, lease_key
from shared.contracts.documents import ShowtimeDocument
from tests.builders.view_documents import a_showtime
from tests.servers.cache_sides import CacheSides

pytestmark = pytest.mark.integration

SHOWTIME_ID = str(uuid4())

LOSSES: dict[str, Callable[[CacheSides], object]] = {
    "eviction": CacheSides.evict,
    "flush": lambda sides: sides.redis.flushall(),
    "flush of data and scripts": lambda sides: (sides.redis.flushall(), sides.redis.script_flush()),
}


@pytest.fixture
def sides(redis_url: str) -> Iterator[CacheSides]:
    opened = CacheSides(redis_url, showtime_id=SHOWTIME_ID)
    opened.redis.flushall()
    yield opened
    opened.close()


def at(rev: int) -> ShowtimeDocument:
    return a_showtime(showtime_id=SHOWTIME_ID, rev=rev, sequence=rev)


def leased(sides: CacheSides) -> str:
    token = sides.lease()
    assert token
    return token


@pytest.mark.parametrize("lost_by", LOSSES)
def test_a_slow_reader_can_not_put_an_old_document_back(sides: CacheSides, lost_by: str) -> None:
    slow = leased(sides)
    sides.project(at(2))
    LOSSES[lost_by](sides)
    sides.fill(at(1), token=slow)
    assert sides.rev() is None


@pytest.mark.parametrize("lost_by", LOSSES)
def test_nor_can_it_beside_a_reader_that_came_later(sides: CacheSides, lost_by: str) -> None:
    slow = leased(sides)
    sides.project(at(2))
    LOSSES[lost_by](sides)
    quick = leased(sides)
    sides.fill(at(1), token=slow)
    assert sides.rev() is None
    sides.fill(at(2), token=quick)
    assert sides.rev() == 2


def test_a_server_that_has_lost_its_scripts_loses_no_write(sides: CacheSides) -> None:
    sides.project(at(1))
    sides.redis.script_flush()
    sides.project(at(2))
    assert sides.rev() == 2


def test_that_there_is_no_such_document_does_not_replace_a_fresh_one(sides: CacheSides) -> None:
    slow = leased(sides)
    sides.project(at(1))
    sides.fill(None, token=slow)
    assert sides.rev() == 1


def test_a_fresh_document_replaces_that_there_is_none(sides: CacheSides) -> None:
    sides.fill(None, token=leased(sides))
    assert sides.rev() == 0
    sides.project(at(1))
    assert sides.rev() == 1


def test_of_two_readers_one_may_fill(sides: CacheSides) -> None:
    first = leased(sides)
    assert sides.lease() is None
    sides.fill(at(1), token=first)
    sides.evict()
    sides.fill(at(1), token=first)
    assert sides.rev() is None


def test_a_reader_that_outlives_its_lease_fills_nothing(sides: CacheSides) -> None:
    slow = leased(sides)
    sides.expire_lease()
    quick = leased(sides)
    sides.fill(at(1), token=slow)
    assert sides.rev() is None
    sides.fill(at(2), token=quick)
    sides.fill(at(1), token=slow)
    assert sides.rev() == 2


def test_an_older_write_of_a_projector_does_not_replace_a_newer_one(sides: CacheSides) -> None:
    for rev in (2, 1):
        sides.project(at(rev))
    assert sides.rev() == 2


def test_everything_that_is_put_in_has_an_end(sides: CacheSides) -> None:
    def milliseconds_left() -> int:
        return sides.redis.pttl(sides.key)

    token = leased(sides)
    assert 0 < sides.redis.pttl(lease_key(sides.key)) <= LEASE_MILLISECONDS
    sides.fill(None, token=token)
    assert 0 < milliseconds_left() <= NEGATIVE_TTL_SECONDS * 1000
    sides.project(at(1))
    assert NEGATIVE_TTL_SECONDS * 1000 < milliseconds_left() <= TTL_SECONDS * 1000
    sides.evict()
    sides.fill(at(1), token=leased(sides))
    assert NEGATIVE_TTL_SECONDS * 1000 < milliseconds_left() <= TTL_SECONDS * 1000
