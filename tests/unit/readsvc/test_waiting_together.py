"""Many who wait for one document ask for it as one."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from readsvc.cache import DocumentCache
from readsvc.hit_counters import HitCounters
from readsvc.view_reader import ViewReader
from readsvc.view_store import ViewStore
from shared.contracts.cache_entries import CacheEntry
from shared.contracts.documents import ShowtimeDocument
from shared.contracts.generations import Generations
from tests.builders.view_documents import a_showtime
from tests.unit.readsvc.settling import settle

pytestmark = pytest.mark.unit


class EmptyCache(DocumentCache):
    def __init__(self) -> None:
        self.gets = 0

    async def get(self, key: str) -> CacheEntry | None:  # noqa: ARG002 the port's name
        self.gets += 1
        await asyncio.sleep(0)
        return None


class SlowStore(ViewStore):
    """Answers what there is when it is told to."""

    def __init__(self, document: ShowtimeDocument) -> None:
        super().__init__(newest=cast(Any, None), lists=cast(Any, None))
        self.document = document
        self.finds = 0
        self._go = asyncio.Event()

    async def generations(self) -> Generations:
        return Generations()

    async def find(self, view: str, document_id: str, *, generation: int) -> Mapping[str, Any] | None:  # noqa: ARG002 the port's names
        self.finds += 1
        found = self.document.model_dump(mode="json", by_alias=True)
        await self._go.wait()
        return found

    def go(self) -> None:
        self._go.set()
        self._go = asyncio.Event()


class Waiting:
    def __init__(self) -> None:
        self.old = a_showtime(sequence=1)
        self.cache, self.store = EmptyCache(), SlowStore(self.old)
        self.reader = ViewReader(
            ShowtimeDocument,
            cache=self.cache,
            store=self.store,
            counters=HitCounters(cast(Any, None)),
            remembered=1,
        )

    async def look(self, number: int) -> list[asyncio.Task[ShowtimeDocument | None]]:
        """So many ask MongoDB."""
        await self.store.live.look()
        asked = [asyncio.create_task(self.reader.stored(self.old.id)) for _ in range(number)]
        await settle()
        return asked


async def sequences(asked: list[asyncio.Task[ShowtimeDocument | None]]) -> set[int]:
    return {found.sequence for found in await asyncio.gather(*asked) if found}


async def test_a_thousand_who_wait_are_one_find_and_who_asks_after_a_write_sees_it() -> None:
    waiting = Waiting()
    early = await waiting.look(1_000)
    waiting.store.document = waiting.old.model_copy(update={"sequence": 2})
    late = await waiting.look(1_000)
    assert waiting.store.finds == 1
    waiting.store.go()
    assert await sequences(early) == {1}
    await settle()
    waiting.store.go()
    assert await sequences(late) == {2}
    assert waiting.store.finds == 2


async def test_a_thousand_who_wait_are_a_get_or_two() -> None:
    waiting = Waiting()
    await waiting.store.live.look()
    found = await asyncio.gather(*(waiting.reader.cached(waiting.old.id) for _ in range(1_000)))
    assert set(found) == {None}
    assert waiting.cache.gets <= 2
