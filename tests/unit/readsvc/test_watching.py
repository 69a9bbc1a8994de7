"""Watchers share one feed, which lives as long as one of them does."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import cast

import pytest

from readsvc.change_hints import ChangeHints
from readsvc.errors import (
    LeavingError,
    NotFoundError,
    NotReachedError,
    QueryError,
    TooManyWatchersError,
    UnavailableError,
)
from readsvc.queries import WatchQuery
from readsvc.redis_client import RedisClient
from readsvc.seat_differences import Difference
from readsvc.showtime_feeds import ShowtimeFeeds
from readsvc.view_reader import ViewReader
from readsvc.watching import Watching
from shared.contracts.documents import SeatClaim, ShowtimeDocument
from tests.builders.view_documents import a_showtime

pytestmark = pytest.mark.unit

SHOWTIME = a_showtime(sequence=1)


class Reader:
    """What a feed asks of a `ViewReader`; the document may be away, or the whole view."""

    def __init__(self, document: ShowtimeDocument | None = SHOWTIME) -> None:
        self.document = document
        self.down = False
        self.fetches: int = 0

    def channel(self, document_id: str) -> str:
        return document_id

    async def read(self, document_id: str) -> ShowtimeDocument | None:
        return await self.stored(document_id)

    async def stored(self, document_id: str) -> ShowtimeDocument | None:
        del document_id
        self.fetches += 1
        if self.down:
            raise UnavailableError
        return self.document

    def sell(self, seat: str, *, sequence: int) -> None:
        assert self.document is not None
        claim = SeatClaim(status="Sold", reservation_id=None, seq=sequence)
        changed = {"sequence": sequence, "claims": {**self.document.claims, seat: claim}}
        self.document = self.document.model_copy(update=changed)


class Swallowing(Reader):
    """Answers once, and then not before it is cancelled."""

    async def stored(self, document_id: str) -> ShowtimeDocument | None:
        if not self.fetches:
            return await super().stored(document_id)
        self.fetches += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise UnavailableError from None


def feeds_of(reader: Reader, *, max_watchers: int = 10) -> ShowtimeFeeds:
    hints = ChangeHints(cast(RedisClient, None))  # nobody listens: polls do it all
    showtimes = cast("ViewReader[ShowtimeDocument]", reader)
    return ShowtimeFeeds(showtimes, hints=hints, poll_seconds=0.005, max_watchers=max_watchers)


def query(*, after: int = 0, layout: int = 0) -> WatchQuery:
    return WatchQuery(showtime_id=SHOWTIME.id, after_sequence=after, layout_version=layout)


async def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


class Told:
    """A watcher that remembers what it was told."""

    def __init__(self, feeds: ShowtimeFeeds, asked: WatchQuery, *, heartbeat_seconds: float = 60) -> None:
        self.differences: list[Difference] = []
        self._watching = Watching(feeds, heartbeat_seconds=heartbeat_seconds)
        self.task = asyncio.create_task(self._watch(asked))

    async def _watch(self, asked: WatchQuery) -> None:
        async with aclosing(self._watching.differences(asked, seconds=0.05)) as differences:
            async for difference in differences:
                self.differences.append(difference)

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


async def refusal(feeds: ShowtimeFeeds, asked: WatchQuery) -> type[QueryError]:
    watcher = Told(feeds, asked)
    with pytest.raises(QueryError) as refused:
        await watcher.task
    return refused.type


async def test_all_watchers_of_a_showtime_live_on_one_fetch() -> None:
    reader = Reader()
    hints = ChangeHints(cast(RedisClient, None))
    showtimes = cast("ViewReader[ShowtimeDocument]", reader)
    feeds = ShowtimeFeeds(showtimes, hints=hints, poll_seconds=60, max_watchers=100)
    watchers = [Told(feeds, query()) for _ in range(50)]
    await eventually(lambda: all(watcher.differences for watcher in watchers))
    assert reader.fetches == 1
    for watcher in watchers:
        await watcher.leave()


async def test_the_feed_goes_with_its_last_watcher_and_nothing_is_fetched_any_more() -> None:
    reader = Reader()
    feeds = feeds_of(reader)
    first, second = Told(feeds, query()), Told(feeds, query())
    await eventually(lambda: reader.fetches > 2)
    await first.leave()
    assert feeds.watched == {SHOWTIME.id}
    await second.leave()
    assert feeds.watched == frozenset()
    assert len(asyncio.all_tasks()) == 1  # this test's own: no task is left that could fetch


async def test_a_driver_that_turns_a_cancellation_into_a_failure_keeps_no_feed_alive() -> None:
    reader = Swallowing()
    feeds = feeds_of(reader)
    watcher = Told(feeds, query())
    await eventually(lambda: reader.fetches > 1)
    async with asyncio.timeout(10):
        await watcher.leave()
    assert feeds.watched == frozenset()


async def test_who_reads_slowly_finds_all_that_happened_in_one_difference() -> None:
    reader = Reader()
    feeds = feeds_of(reader)
    watching = Watching(feeds, heartbeat_seconds=60)
    quick = Told(feeds, query())
    async with aclosing(watching.differences(query(), seconds=1)) as slow:
        await anext(slow)
        await eventually(lambda: bool(quick.differences))
        for sequence, seat in enumerate(("A-1", "A-2", "B-1"), start=2):
            reader.sell(seat, sequence=sequence)
            await eventually(lambda reached=sequence: quick.differences[-1].to_sequence == reached)
        late = await anext(slow)
    assert (late.from_sequence, late.to_sequence, len(late.seats)) == (1, 4, 3)
    assert [d.to_sequence for d in quick.differences] == [1, 2, 3, 4]
    await quick.leave()


async def test_who_comes_back_is_told_what_it_missed_and_all_if_the_layout_is_another() -> None:
    reader = Reader()
    reader.sell("A-1", sequence=2)
    reader.sell("B-2", sequence=3)
    watching = Watching(feeds_of(reader), heartbeat_seconds=60)
    for asked, lacking in ((query(after=2, layout=1), 1), (query(after=2), 1), (query(after=2, layout=9), 5)):
        async with aclosing(watching.differences(asked, seconds=1)) as differences:
            assert len((await anext(differences)).seats) == lacking


async def test_an_outage_amid_a_stream_is_ridden_out() -> None:
    reader = Reader()
    watcher = Told(feeds_of(reader), query())
    await eventually(lambda: len(watcher.differences) == 1)
    reader.down = True
    so_far = reader.fetches
    await eventually(lambda: reader.fetches > so_far + 2)
    reader.sell("A-1", sequence=2)
    reader.down = False
    await eventually(lambda: watcher.differences[-1].to_sequence == 2)
    await watcher.leave()


async def test_a_silent_showtime_has_heartbeats() -> None:
    watcher = Told(feeds_of(Reader()), query(), heartbeat_seconds=0.02)
    await eventually(lambda: len(watcher.differences) > 2)
    assert {(d.from_sequence, d.to_sequence, d.seats) for d in watcher.differences[1:]} == {(1, 1, ())}
    await watcher.leave()


async def test_a_start_that_can_not_be_answered_is_refused_and_leaves_nothing_behind() -> None:
    unreadable = Reader()
    unreadable.down = True
    unborn = Reader(SHOWTIME.model_copy(update={"movie": None}))
    for reader, asked, refused in (
        (Reader(None), query(), NotFoundError),
        (unborn, query(), NotFoundError),
        (unreadable, query(), UnavailableError),
        (Reader(), query(after=9), NotReachedError),
    ):
        feeds = feeds_of(reader)
        assert await refusal(feeds, asked) is refused
        assert feeds.watched == frozenset()


async def test_one_watcher_too_many_is_refused_until_another_leaves() -> None:
    feeds = feeds_of(Reader(), max_watchers=1)
    watcher = Told(feeds, query())
    await eventually(lambda: bool(watcher.differences))
    assert await refusal(feeds, query()) is TooManyWatchersError
    await watcher.leave()
    another = Told(feeds, query())
    await eventually(lambda: bool(another.differences))
    await another.leave()


async def test_when_the_process_leaves_so_does_everybody_and_nobody_comes() -> None:
    feeds = feeds_of(Reader())
    watcher = Told(feeds, query())
    await eventually(lambda: bool(watcher.differences))
    feeds.end()
    with pytest.raises(LeavingError):
        await watcher.task
    assert await refusal(feeds, query()) is LeavingError
    assert feeds.watched == frozenset()
