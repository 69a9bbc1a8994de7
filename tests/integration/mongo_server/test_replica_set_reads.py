"""Where the read service reads in a replica set, what it asks for, and how long it waits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from readsvc.errors import UnavailableError
from readsvc.mongo_reads import connect, lists, newest
from readsvc.queries import Period, ShowtimesQuery
from readsvc.settings import ReadServiceSettings
from readsvc.view_store import ViewStore
from tests.builders.view_documents import START, a_showtime
from tests.servers.replica_set import NOT_PRIMARY, Command, Member, ReplicaSet

pytestmark = pytest.mark.integration

MAJORITY = {"level": "majority"}
ANY_DAY = ShowtimesQuery(period=Period(start=START), movie_id=None, page_size=10, after=None, filters="")
LONGER_THAN_ANY_SETTING_SECONDS = 15


@asynccontextmanager
async def view_store(members: ReplicaSet, **chosen: Any) -> AsyncGenerator[ViewStore]:
    """The read service's views, as it reads them with these settings; there is one showtime in them, `one`."""
    values = {"mongo_url": members.url, "redis_url": "", "mongo_database": f"test_{uuid4().hex}", **chosen}
    settings = ReadServiceSettings.model_validate(values)
    async with connect(settings) as client:
        database = client[settings.mongo_database]
        one = a_showtime(showtime_id="one").model_dump(mode="json", by_alias=True)
        await database["showtimes_1"].insert_one(one)
        async with asyncio.timeout(LONGER_THAN_ANY_SETTING_SECONDS):
            while not await client.secondaries:  # else the primary is all that is known, and preferred
                await asyncio.sleep(0.02)
        store = ViewStore(newest=newest(client, settings), lists=lists(client, settings))
        await store.live.look()
        yield store
        members.primary.role = "primary"
        await client.drop_database(settings.mongo_database)


async def listed(store: ViewStore) -> list[str]:
    page, _ = await store.page_of_showtimes(ANY_DAY)
    return [showtime.id for showtime in page]


def finds(member: Member) -> list[Command]:
    """What it was asked for of the views."""
    return [find for find in member.named("find") if find["find"] == "showtimes_1"]


async def test_a_list_is_read_from_a_secondary_and_a_document_from_the_primary(members: ReplicaSet) -> None:
    async with view_store(members) as store:
        assert await listed(store) == ["one"]
        assert await store.find("showtimes", "one", generation=1) is not None
    (on_secondary,) = finds(members.secondary)
    (on_primary,) = finds(members.primary)
    assert "sort" in on_secondary
    assert on_primary["filter"] == {"_id": "one"}
    assert on_secondary["readConcern"] == on_primary["readConcern"] == MAJORITY
    assert on_secondary["$readPreference"] == {"mode": "secondaryPreferred", "maxStalenessSeconds": 120}
    assert "$readPreference" not in on_primary


async def test_lists_are_the_primarys_where_a_setting_says_so(members: ReplicaSet) -> None:
    async with view_store(members, mongo_list_read_preference="primary") as store:
        assert await listed(store) == ["one"]
    assert not finds(members.secondary)
    assert len(finds(members.primary)) == 1


async def test_what_the_url_says_of_reads_does_not_count_for_documents(members: ReplicaSet) -> None:
    url = f"{members.url}&readPreference=secondary&readConcernLevel=local"
    async with view_store(members, mongo_url=url) as store:
        await store.find("showtimes", "one", generation=1)
    (find,) = finds(members.primary)
    assert find["readConcern"] == MAJORITY


async def test_a_secondary_that_is_far_behind_answers_no_list(members: ReplicaSet) -> None:
    members.secondary.behind = timedelta(minutes=10)
    async with view_store(members) as store:
        assert await listed(store) == ["one"]
    assert not finds(members.secondary)


async def test_without_a_primary_there_are_lists_and_no_documents(members: ReplicaSet) -> None:
    async with view_store(members, mongo_timeout_seconds=1) as store:
        members.primary.role = "secondary"
        members.primary.fail("find", NOT_PRIMARY)
        with pytest.raises(UnavailableError):
            await store.find("showtimes", "one", generation=1)
        assert not await store.answers()
        assert await listed(store) == ["one"]
        members.primary.role = "primary"
        async with asyncio.timeout(LONGER_THAN_ANY_SETTING_SECONDS):
            while not await store.answers():
                await asyncio.sleep(0.05)
        assert await store.find("showtimes", "one", generation=1) is not None


async def test_a_failover_that_is_over_in_time_is_not_noticed(members: ReplicaSet) -> None:
    async with view_store(members, mongo_timeout_seconds=5) as store:
        members.primary.fail("find", NOT_PRIMARY)
        assert await store.find("showtimes", "one", generation=1) is not None
    assert len(finds(members.primary)) == 2


async def test_a_query_that_is_never_answered_ends_in_time(members: ReplicaSet) -> None:
    """Although the server is well by its answers to the driver's heartbeats."""
    async with view_store(members, mongo_timeout_seconds=0.3) as store:
        members.primary.fail("find", "never answer")
        members.primary.fail("find", "never answer")
        async with asyncio.timeout(LONGER_THAN_ANY_SETTING_SECONDS):
            with pytest.raises(UnavailableError):
                await store.find("showtimes", "one", generation=1)
