"""Many watchers, one fetch; slow ones, outages, and the end of it all."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import cast

import pytest

from readsvc.change_hints import ChangeHints
from readsvc.errors import (
    LeavingError,
    NotFoundError,
    NotReachedError,
    TooManyWatchersError,
    UnavailableError,
)
from readsvc.queries import WatchQuery
from readsvc.seat_differences import Difference
from readsvc.showtime_feeds import ShowtimeFeeds
from readsvc.view_reader import ViewReader
from readsvc.watching import Watching
from shared.contracts.documents import SeatClaim, ShowtimeDocument
from tests.builders.view_documents import a_showtime

pytestmark = pytest.mark.unit

LONG = 30.0


class Server:
    """A reader and its hints, by hand. Nothing is read again before `hint`."""

    def __init__(self, document: ShowtimeDocument | None) -> None:
        self.document = document
        self.away = False
        self.reads = 0
        self.subscriptions = 0
        self._hint = asyncio.Event()

    def channel(self, showtime_id: str) -> str:
        return showtime_id

    async def read(self, _showtime_id: str) -> ShowtimeDocument | None:
        self.reads += 1
        if self.away:
            raise UnavailableError
        return self.document

    stored = read

    @asynccontextmanager
    async def subscription(self) -> AsyncGenerator["Server"]:
        self.subscriptions += 1
        try:
            yield self
        finally:
            self.subscriptions -= 1

    async def follow(self, _channel: str) -> None:
        return

    async def wait(self, *, seconds: float) -> bool:
        del seconds
        await self._hint.wait()
        self._hint.clear()
        return True

    async def hint(self) -> None:
        """Let the feed read once more, and its watchers hear of it."""
        before = self.reads
        self._hint.set()
        while self.reads == before:
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)

    async def sell(self, number: int) -> None:
        """Sell the next seat of row A."""
        assert self.document
        sequence = self.document.sequence + 1
        sold = {f"A-{number}": SeatClaim(status="Sold", reservation_id=None, seq=sequence)}
        self.document = self.document.model_copy(
            update={"claims": self.document.claims | sold, "sequence": sequence}
        )
        await self.hint()


def feeds_of(server: Server, *, max_watchers: int = 10) -> ShowtimeFeeds:
    return ShowtimeFeeds(
        cast(ViewReader[ShowtimeDocument], server),
        hints=cast(ChangeHints, server),
        poll_seconds=LONG,
        max_watchers=max_watchers,
    )


def watch(
    feeds: ShowtimeFeeds,
    *,
    after_sequence: int = 0,
    layout_version: int = 0,
    heartbeat: float = LONG,
    patience: float = LONG,
) -> AsyncGenerator[Difference]:
    query = WatchQuery(showtime_id="x", after_sequence=after_sequence, layout_version=layout_version)
    return Watching(feeds, heartbeat_seconds=heartbeat).differences(query, seconds=patience)


def changed(difference: Difference) -> list[str]:
    return [f"{row}-{number}" for row, number, _, _ in difference.seats]


async def test_all_watchers_of_a_showtime_share_one_fetch() -> None:
    server = Server(a_showtime(sequence=1))
    feeds = feeds_of(server)
    watchers = [watch(feeds) for _ in range(5)]
    assert {len((await anext(watcher)).seats) for watcher in watchers} == {5}
    nexts = [asyncio.ensure_future(anext(watcher)) for watcher in watchers]
    await server.sell(1)
    assert [changed(await difference) for difference in nexts] == [["A-1"]] * 5
    assert (server.reads, server.subscriptions) == (2, 1)
    for watcher in watchers:
        await watcher.aclose()


async def test_a_slow_watcher_gets_everything_in_one_difference() -> None:
    server = Server(a_showtime(sequence=1))
    async with aclosing(watch(feeds_of(server))) as slow:
        await anext(slow)
        for number in (1, 2, 3):
            await server.sell(number)
        difference = await anext(slow)
    assert (difference.from_sequence, difference.to_sequence) == (1, 4)
    assert changed(difference) == ["A-1", "A-2", "A-3"]


async def test_one_who_resumes_gets_what_is_lacking() -> None:
    server = Server(a_showtime(sequence=1))
    feeds = feeds_of(server)
    async with aclosing(watch(feeds)) as first:
        await anext(first)
        await server.sell(1)
        await server.sell(2)
        async with aclosing(watch(feeds, after_sequence=2)) as resumed:
            assert changed(await anext(resumed)) == ["A-2"]


async def test_another_layout_is_sent_whole() -> None:
    server = Server(a_showtime(sequence=1))
    feeds = feeds_of(server)
    async with aclosing(watch(feeds, after_sequence=1, layout_version=1)) as same:
        assert (await anext(same)).seats == ()
        assert server.document
        assert server.document.auditorium
        auditorium = server.document.auditorium.model_copy(update={"version": 2})
        server.document = server.document.model_copy(update={"auditorium": auditorium})
        await server.hint()
        difference = await anext(same)
        assert (difference.from_sequence, difference.layout_version, len(difference.seats)) == (0, 2, 5)
    async with aclosing(watch(feeds, after_sequence=1, layout_version=1)) as late:
        assert len((await anext(late)).seats) == 5


async def test_in_a_silence_a_watcher_gets_an_empty_difference() -> None:
    async with aclosing(watch(feeds_of(Server(a_showtime(sequence=4))), heartbeat=0.01)) as watcher:
        await anext(watcher)
        beat = await anext(watcher)
    assert (beat.from_sequence, beat.to_sequence, beat.seats) == (4, 4, ())


async def test_an_outage_amid_the_stream_is_ridden_out() -> None:
    server = Server(a_showtime(sequence=1))
    async with aclosing(watch(feeds_of(server))) as watcher:
        await anext(watcher)
        server.away = True
        await server.sell(1)
        server.away = False
        await server.sell(2)
        assert changed(await anext(watcher)) == ["A-1", "A-2"]


@pytest.mark.parametrize("unborn", [None, a_showtime().model_copy(update={"movie": None})])
async def test_what_is_not_to_be_shown_is_not_found_and_found_later(unborn: ShowtimeDocument | None) -> None:
    server = Server(unborn)
    feeds = feeds_of(server)
    with pytest.raises(NotFoundError):
        await anext(watch(feeds))
    server.document = a_showtime()
    async with aclosing(watch(feeds)) as watcher:
        assert await anext(watcher)


async def test_nothing_reachable_at_the_start_is_said() -> None:
    server = Server(a_showtime())
    server.away = True
    with pytest.raises(UnavailableError):
        await anext(watch(feeds_of(server)))


async def test_a_view_that_is_behind_its_watcher_is_waited_for() -> None:
    server = Server(a_showtime(sequence=1))
    feeds = feeds_of(server)
    with pytest.raises(NotReachedError):
        await anext(watch(feeds, after_sequence=2, patience=0.01))
    async with aclosing(watch(feeds, after_sequence=2)) as watcher:
        first = asyncio.ensure_future(anext(watcher))
        while not server.subscriptions:
            await asyncio.sleep(0)
        await server.sell(1)
        assert (await first).to_sequence == 2


async def test_one_too_many_is_refused_until_another_leaves() -> None:
    feeds = feeds_of(Server(a_showtime()), max_watchers=1)
    watcher = watch(feeds)
    await anext(watcher)
    with pytest.raises(TooManyWatchersError):
        await anext(watch(feeds))
    await watcher.aclose()
    async with aclosing(watch(feeds)) as next_one:
        assert await anext(next_one)


async def test_the_last_one_to_leave_ends_the_fetching() -> None:
    server = Server(a_showtime())
    feeds = feeds_of(server)
    watchers = [watch(feeds) for _ in range(2)]
    for watcher in watchers:
        await anext(watcher)
    await watchers[0].aclose()
    assert (feeds.watched, server.subscriptions) == ({"x"}, 1)
    await watchers[1].aclose()
    assert (feeds.watched, server.subscriptions) == (set(), 0)


async def test_a_process_that_leaves_sends_its_watchers_away() -> None:
    feeds = feeds_of(Server(a_showtime()))
    watcher = watch(feeds)
    await anext(watcher)
    waiting = asyncio.ensure_future(anext(watcher))
    await asyncio.sleep(0)
    feeds.end()
    with pytest.raises(LeavingError):
        await waiting
    with pytest.raises(LeavingError):
        await anext(watch(feeds))


class Swallowing(Server):
    """Answers once, and then not before it is cancelled: with a failure, as a driver may."""

    async def stored(self, showtime_id: str) -> ShowtimeDocument | None:
        del showtime_id
        self.reads += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise UnavailableError from None

    async def wait(self, *, seconds: float) -> bool:
        del seconds
        await asyncio.sleep(0)
        return False


async def test_a_driver_that_turns_a_cancellation_into_a_failure_keeps_no_feed_alive() -> None:
    server = Swallowing(a_showtime())
    feeds = feeds_of(server)
    watcher = watch(feeds)
    await anext(watcher)
    while server.reads < 2:
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await watcher.aclose()
    assert (feeds.watched, server.subscriptions) == (set(), 0)
