"""Producers, each on loan to one batch at a time, with the threads that their blocking calls run on.

A batch that fails takes its producer down with it, and no other batch's. That is what makes it certain that nothing
of a failed batch is still queued anywhere; a shared producer's queue could only be emptied for all.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from shared.infrastructure.kafka.batch_producer import BatchProducer, ConnectProducer

_log = logging.getLogger(__name__)

_CLOSE_SECONDS = 5.0

Answer = TypeVar("Answer")


class ProducerPool:
    """As many producers, at most, as there are batches under way at once."""

    def __init__(self, connect: ConnectProducer, *, size: int) -> None:
        self._connect = connect
        self._size = size
        self._idle: deque[BatchProducer] = deque()
        self._threads = ThreadPoolExecutor(max_workers=size, thread_name_prefix="kafka")
        self._closed = False

    async def fill(self, *, seconds: float) -> None:
        """Make all producers ahead of their first use: a new one needs half a second for its first batch.

        Raises:
            TimeoutError: it took longer.
            KafkaUnavailableError: one could not be made.
        """
        missing = self._size - len(self._idle)
        await asyncio.gather(*(self._in_thread(self._add, seconds=seconds) for _ in range(missing)))

    async def use(self, work: Callable[[BatchProducer], Answer], *, seconds: float) -> Answer:
        """Do something that blocks with a producer of its own.

        Raises:
            TimeoutError: it took longer. The thread ends later, and what it was doing is not waited for.
            KafkaUnavailableError: a new producer was needed and could not be made.
        """
        return await self._in_thread(lambda: self._lend(work), seconds=seconds)

    async def aclose(self) -> None:
        """Close the idle producers now, and those on loan when they come back."""
        self._closed = True
        try:
            await self._in_thread(self._close_idle, seconds=_CLOSE_SECONDS)
        except TimeoutError:
            _log.warning("kafka_producers_not_closed seconds=%s", _CLOSE_SECONDS)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], Answer], *, seconds: float) -> Answer:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _lend(self, work: Callable[[BatchProducer], Answer]) -> Answer:
        producer = self._take()
        try:
            answer = work(producer)
        except BaseException:
            producer.close()
            raise
        if producer.is_open:
            self._keep(producer)
        return answer

    def _take(self) -> BatchProducer:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _add(self) -> None:
        self._keep(self._connect())

    def _keep(self, producer: BatchProducer) -> None:
        self._idle.append(producer)
        if self._closed:
            self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
