"""The feeds of the showtimes that are watched in this process: one for each, as long as it has a watcher."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from readsvc.change_hints import ChangeHints
from readsvc.errors import LeavingError, TooManyWatchersError
from readsvc.showtime_feed import ShowtimeFeed
from readsvc.view_reader import ViewReader
from shared.contracts.documents import ShowtimeDocument


class ShowtimeFeeds:
    """Brings watchers to feeds, up to a number of watchers."""

    def __init__(
        self,
        showtimes: ViewReader[ShowtimeDocument],
        *,
        hints: ChangeHints,
        poll_seconds: float,
        max_watchers: int,
    ) -> None:
        self._showtimes = showtimes
        self._hints = hints
        self._poll_seconds = poll_seconds
        self._max_watchers = max_watchers
        self._feeds: dict[str, ShowtimeFeed] = {}
        self._watchers: dict[ShowtimeFeed, int] = {}
        self._leaving = False

    @property
    def watched(self) -> frozenset[str]:
        """The showtimes that have a feed."""
        return frozenset(self._feeds)

    @asynccontextmanager
    async def joined(self, showtime_id: str) -> AsyncGenerator[ShowtimeFeed]:
        """A showtime's feed, for one watcher more; the last one to leave ends it.

        Raises:
            LeavingError: the process is about to end.
            TooManyWatchersError: there are as many watchers as there may be.
        """
        if self._leaving:
            raise LeavingError
        if sum(self._watchers.values()) >= self._max_watchers:
            raise TooManyWatchersError(self._max_watchers)
        feed = self._feed(showtime_id)
        self._watchers[feed] = self._watchers.get(feed, 0) + 1
        try:
            yield feed
        finally:
            await self._left(showtime_id, feed=feed)

    def end(self) -> None:
        """Tell every watcher that the process is about to end, and take no more."""
        self._leaving = True
        for feed in self._watchers:
            feed.end()

    def _feed(self, showtime_id: str) -> ShowtimeFeed:
        """The feed that there is, or a new one: what could not be opened is of no use to those who come later."""
        feed = self._feeds.get(showtime_id)
        if feed is None or feed.failed:
            feed = self._feeds[showtime_id] = ShowtimeFeed(
                showtime_id, showtimes=self._showtimes, hints=self._hints, poll_seconds=self._poll_seconds
            )
        return feed

    async def _left(self, showtime_id: str, *, feed: ShowtimeFeed) -> None:
        self._watchers[feed] -= 1
        if self._watchers[feed]:
            return
        del self._watchers[feed]
        if self._feeds.get(showtime_id) is feed:
            del self._feeds[showtime_id]
        await feed.close()
