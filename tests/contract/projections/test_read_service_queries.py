"""The read service's queries of MongoDB, on the stand-in and on a real server."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from readsvc.mongo_reads import Database, connect, lists, newest
from readsvc.page_token import Position
from readsvc.queries import Period, ShowtimesQuery
from readsvc.settings import ReadServiceSettings
from readsvc.view_store import ViewStore
from shared.contracts.documents import FIRST_GENERATION, ShowtimeDocument, collection_name
from tests.builders.view_documents import START, a_showtime
from tests.servers.mongo import MongoServer

pytestmark = pytest.mark.contract


class Views:
    """The store as the service has it, and the collection behind it."""

    def __init__(self, database: Database, *, store: ViewStore) -> None:
        self._showtimes = database[collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION)]
        self.store = store

    async def add(self, *showtimes: ShowtimeDocument) -> None:
        await self._showtimes.insert_many([one.model_dump(mode="json", by_alias=True) for one in showtimes])

    async def remove(self, showtime_id: str) -> None:
        await self._showtimes.delete_one({"_id": showtime_id})

    async def page(self, **fields: Any) -> tuple[list[str], Position | None]:
        values: dict[str, Any] = {
            "period": Period(start=START),
            "movie_id": None,
            "page_size": 3,
            "after": None,
        }
        found, after = await self.store.page_of_showtimes(ShowtimesQuery(filters="", **values | fields))
        return [showtime.id for showtime in found], after


@pytest.fixture
async def views(mongo_server: MongoServer) -> AsyncGenerator[Views]:
    values = {"mongo_url": mongo_server.url, "redis_url": "", "mongo_database": f"test_{uuid4().hex}"}
    settings = ReadServiceSettings.model_validate(values)
    async with connect(settings) as client:
        store = ViewStore(newest=newest(client, settings), lists=lists(client, settings))
        await store.live.look()
        yield Views(client[settings.mongo_database], store=store)
        await client.drop_database(settings.mongo_database)


def at(minutes: float, identity: str, **fields: Any) -> ShowtimeDocument:
    start: datetime = START + timedelta(minutes=minutes)
    return a_showtime(showtime_id=identity, start=start, **fields)


async def test_a_document_is_found_by_its_id_and_another_is_not(views: Views) -> None:
    showtime = a_showtime(claims={"A-1": "Sold"})
    await views.add(showtime, a_showtime())
    found = await views.store.find(ShowtimeDocument.view, showtime.id, generation=FIRST_GENERATION)
    assert ShowtimeDocument.model_validate(found) == showtime
    assert await views.store.find(ShowtimeDocument.view, "unknown", generation=FIRST_GENERATION) is None


async def test_pages_go_by_start_and_then_by_id_and_leave_nothing_out(views: Views) -> None:
    together = [at(0, identity) for identity in ("d", "b", "a", "c", "e")]
    await views.add(at(10, "later"), *together, at(-1, "before"))
    first, after = await views.page()
    second, end = await views.page(after=after)
    assert (first, second, end) == (["a", "b", "c"], ["d", "e", "later"], None)


async def test_what_is_added_or_removed_between_two_pages_moves_no_other(views: Views) -> None:
    await views.add(*(at(0, identity) for identity in "bdfhj"))
    first, after = await views.page()
    await views.add(at(0, "a"), at(0, "g"))
    await views.remove("f")
    second, _ = await views.page(after=after)
    assert (first, second) == (["b", "d", "f"], ["g", "h", "j"])


async def test_a_start_on_the_second_and_one_a_microsecond_later_are_two_moments(views: Views) -> None:
    second, microsecond = timedelta(seconds=1), timedelta(microseconds=1)
    await views.add(
        a_showtime(showtime_id="at", start=START + second),
        a_showtime(showtime_id="after", start=START + second + microsecond),
    )
    assert await views.page(period=Period(start=START + second + microsecond)) == (["after"], None)
    assert await views.page(period=Period(start=START, end=START + second + microsecond)) == (["at"], None)


async def test_a_showtime_whose_own_event_has_not_come_is_in_no_list(views: Views) -> None:
    await views.add(ShowtimeDocument.unborn("unborn"), at(0, "born"))
    assert await views.page() == (["born"], None)


async def test_a_list_may_be_of_one_movie(views: Views) -> None:
    await views.add(*(at(n, f"{n}", movie_id="tt0000001" if n % 2 else "tt0000002") for n in range(8)))
    first, after = await views.page(movie_id="tt0000001")
    second, end = await views.page(movie_id="tt0000001", after=after)
    assert (first, second, end) == (["1", "3", "5"], ["7"], None)
