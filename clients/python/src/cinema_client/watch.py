"""A watch that goes on by itself: after a disconnection it asks for what has changed since."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import grpc

from cinema_client.errors import DeadlineExceededError, UnavailableError, error_of
from cinema_client.generated.cinema.read.v1 import cinema_query_pb2 as pb
from cinema_client.seat_map import SeatMap

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How one showtime is watched. Times in seconds.

    `open_stream` is the stub's method. A stream that says nothing for `silence` is given up: a service says something
    now and then. After `patience` without a word, however often it was tried, so is the watch.
    """

    open_stream: Callable[[pb.WatchShowtimeRequest], Any]
    showtime_id: str
    silence: float
    patience: float

    async def maps(self, after: SeatMap | None) -> AsyncGenerator[SeatMap]:
        """Each map that is another than the one before, beginning with the one after `after`.

        Raises:
            CinemaError: the watch is refused, or was given up.
        """
        seat_map = after
        clock = asyncio.get_running_loop().time
        heard, pause = clock(), _FIRST_PAUSE_SECONDS
        while True:
            try:
                async with aclosing(self._messages(after=seat_map)) as messages:
                    async for message in messages:
                        heard, pause = clock(), _FIRST_PAUSE_SECONDS
                        before, seat_map = seat_map, self._folded(seat_map, message)
                        if seat_map is None:
                            break
                        if seat_map != before:
                            yield seat_map
            except (UnavailableError, DeadlineExceededError):
                if clock() - heard > self.patience:
                    raise
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 it spreads those who come back at once
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _messages(self, *, after: SeatMap | None) -> AsyncGenerator[pb.WatchShowtimeResponse]:
        """What one stream says, until it breaks or is ended by a service that leaves."""
        request = pb.WatchShowtimeRequest(
            showtime_id=self.showtime_id,
            after_sequence=after.sequence if after else 0,
            layout_version=after.layout_version if after else 0,
        )
        call = self.open_stream(request)
        try:
            while True:
                message = await asyncio.wait_for(call.read(), self.silence)
                if message is grpc.aio.EOF:
                    raise UnavailableError("the service has ended the watch")
                yield message
        except TimeoutError as error:
            raise UnavailableError(f"nothing was heard for {self.silence} s") from error
        except grpc.aio.AioRpcError as refusal:
            raise error_of(refusal, min_sequence=request.after_sequence) from refusal
        finally:
            call.cancel()

    def _folded(self, seat_map: SeatMap | None, message: pb.WatchShowtimeResponse) -> SeatMap | None:
        """The map with a message in it; None if something between them is missing, so that it has to begin anew."""
        if message.from_sequence == 0:
            return SeatMap.whole(self.showtime_id, message)
        if seat_map is not None and seat_map.is_continued_by(message):
            return seat_map.with_difference(message)
        return None
