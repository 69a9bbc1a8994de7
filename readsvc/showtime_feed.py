"""One showtime, fetched once for all who watch it: after each hint, and at intervals since hints may be lost."""

import asyncio
import logging
from contextlib import suppress

from readsvc.change_hints import ChangeHints, Subscription
from readsvc.errors import LeavingError, NotFoundError, UnavailableError
from readsvc.seat_differences import Edition
from readsvc.view_reader import ViewReader
from shared.contracts.documents import ShowtimeDocument

_log = logging.getLogger(__name__)


class ShowtimeFeed:
    """The newest edition that is known, and a task that looks for newer ones until the feed is closed."""

    def __init__(
        self,
        showtime_id: str,
        *,
        showtimes: ViewReader[ShowtimeDocument],
        hints: ChangeHints,
        poll_seconds: float,
    ) -> None:
        """Begin to fetch; the running event loop does it."""
        self._showtime_id = showtime_id
        self._showtimes = showtimes
        self._hints = hints
        self._poll_seconds = poll_seconds
        self._edition: Edition | None = None
        self._failure: Exception | None = None
        self._ended = False
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._keep_fetching())

    @property
    def failed(self) -> bool:
        """Whether there was no first edition to be had."""
        return self._failure is not None

    async def first(self) -> Edition:
        """The newest edition, as soon as there is one.

        Raises:
            LeavingError: the process is about to end.
            NotFoundError: there is no such showtime, or it is not yet to be shown.
            UnavailableError: nothing that could answer was reachable.
        """
        while self._edition is None:
            await self._news_or_end()
        return self._edition

    async def next(self, known: Edition, *, seconds: float) -> Edition:
        """The newest edition, as soon as it is not the known one; that one if there is none within some seconds.

        Raises:
            LeavingError: the process is about to end.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._edition is known:
                    await self._news_or_end()
        return self._edition or known

    def end(self) -> None:
        """Send everybody away."""
        self._ended = True
        self._wake()

    async def close(self) -> None:
        """Fetch no more."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _news_or_end(self) -> None:
        if not (self._ended or self._failure):
            await self._news.wait()
        if self._ended:
            raise LeavingError
        if self._failure:
            raise self._failure

    async def _keep_fetching(self) -> None:
        try:
            async with self._hints.subscription() as subscription:
                await self._follow(subscription)
                await self._open()
                while True:
                    await self._fetch_again(subscription)
        except Exception as failure:  # noqa: BLE001 it is raised to those who wait for the first edition
            self._failure = failure
            self._wake()

    async def _follow(self, subscription: Subscription) -> None:
        """A rebuild moves a showtime to another generation's channel, of which nothing is told on the old one."""
        await subscription.follow(self._showtimes.channel(self._showtime_id))

    async def _open(self) -> None:
        document = await self._showtimes.read(self._showtime_id)
        if document is None or not document.presentable:
            raise NotFoundError("showtime", self._showtime_id)
        self._publish(Edition(document))

    async def _fetch_again(self, subscription: Subscription) -> None:
        """An outage is ridden out: there is another time. So is a document that is away, or that can't be read."""
        hinted = await subscription.wait(seconds=self._poll_seconds)
        try:
            await self._follow(subscription)
            document = await self._newest(hinted=hinted)
            if document is not None and document.presentable:
                self._publish(Edition(document))
        except UnavailableError:
            _log.debug("watched_showtime_not_read showtime=%s", self._showtime_id)
        except Exception:  # noqa: BLE001 watchers are not cut off for one document
            _log.exception("watched_showtime_not_read showtime=%s", self._showtime_id)

    async def _newest(self, *, hinted: bool) -> ShowtimeDocument | None:
        """After a hint the cache has it. Where no hint came, the cache may have missed the write as well."""
        if hinted:
            return await self._showtimes.read(self._showtime_id)
        return await self._showtimes.stored(self._showtime_id)

    def _publish(self, edition: Edition) -> None:
        if self._edition is None or edition.replaces(self._edition):
            self._edition = edition
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
