"""Watching a showtime: a stream of differences, each built upon the one before."""

import time
from collections.abc import AsyncGenerator

from readsvc.errors import NotReachedError
from readsvc.queries import WatchQuery
from readsvc.seat_differences import Difference, Edition
from readsvc.showtime_feed import ShowtimeFeed
from readsvc.showtime_feeds import ShowtimeFeeds


class Watching:
    """Answers watchers. `heartbeat_seconds` is how long one is left without a message."""

    def __init__(self, feeds: ShowtimeFeeds, *, heartbeat_seconds: float) -> None:
        self._feeds = feeds
        self._heartbeat_seconds = heartbeat_seconds

    async def differences(self, query: WatchQuery, *, seconds: float) -> AsyncGenerator[Difference]:
        """First what the watcher lacks, at once; then what has changed, whenever it asks for more.

        Whoever asks late finds all that happened meanwhile in one difference. `seconds` is how long the first may take
        if the watcher is ahead of the view.

        Raises:
            LeavingError: the process is about to end.
            NotFoundError: there is no such showtime, or it is not yet to be shown.
            NotReachedError: the view is behind the watcher.
            TooManyWatchersError: this process has as many watchers as it takes.
            UnavailableError: nothing that could answer is reachable, and there was no first difference.
        """
        async with self._feeds.joined(query.showtime_id) as feed:
            edition = await _caught_up(feed, sequence=query.after_sequence, seconds=seconds)
            same_layout = query.layout_version in {0, edition.layout_version}
            yield edition.since(query.after_sequence if same_layout else 0)
            while True:
                known, edition = edition, await feed.next(edition, seconds=self._heartbeat_seconds)
                yield _between(known, edition)


def _between(known: Edition, edition: Edition) -> Difference:
    if edition is known:
        return edition.unchanged()
    return edition.since(known.sequence if edition.layout_version == known.layout_version else 0)


async def _caught_up(feed: ShowtimeFeed, *, sequence: int, seconds: float) -> Edition:
    deadline = time.monotonic() + seconds
    edition = await feed.first()
    while edition.sequence < sequence:
        left = deadline - time.monotonic()
        if left <= 0:
            raise NotReachedError(sequence)
        edition = await feed.next(edition, seconds=left)
    return edition
