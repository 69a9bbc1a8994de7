"""Queries, a method each. Answers are the messages of the proto, which is where their fields are explained."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import date
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import grpc

from cinema_client.channel import open_channel
from cinema_client.errors import DeadlineExceededError, error_of
from cinema_client.generated.cinema.read.v1 import cinema_query_pb2 as pb
from cinema_client.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from cinema_client.seat_map import SeatMap
from cinema_client.watch import Watch

_TIMEOUT_SECONDS = 10.0
_SILENCE_SECONDS = 60.0
_PATIENCE_SECONDS = 120.0

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class CinemaClient:
    """Asks one read service, or several behind a name. One client serves many tasks at once.

    Every call has a deadline: `timeout`, in seconds, is that of the calls which say no other. Each raises `CinemaError`.
    """

    def __init__(
        self,
        target: str,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        timeout: float = _TIMEOUT_SECONDS,
    ) -> None:
        self._channel = open_channel(target, credentials=credentials)
        self._stub = cast(Any, pb_grpc).CinemaQueryStub(self._channel)
        self._timeout = timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; calls that are under way end."""
        await self._channel.close()

    async def showtime(
        self, showtime_id: str, *, min_sequence: int = 0, timeout: float | None = None
    ) -> pb.GetShowtimeResponse:
        """One showtime with its seats, as it was after `min_sequence` or later: a command's answer says its sequence.

        Raises:
            NotFoundError: there is none.
            NotReachedError: the views did not reach the sequence in time.
        """
        request = pb.GetShowtimeRequest(showtime_id=showtime_id, min_sequence=min_sequence)
        return await self._ask(self._stub.GetShowtime, request, min_sequence=min_sequence, timeout=timeout)

    async def reservation(
        self, reservation_id: str, *, min_sequence: int = 0, timeout: float | None = None
    ) -> pb.GetReservationResponse:
        """One reservation, as it was after `min_sequence` or later.

        Raises:
            NotFoundError: there is none.
            NotReachedError: the views did not reach the sequence in time.
        """
        request = pb.GetReservationRequest(reservation_id=reservation_id, min_sequence=min_sequence)
        return await self._ask(self._stub.GetReservation, request, min_sequence=min_sequence, timeout=timeout)

    async def showtimes(
        self,
        *,
        on: date | None = None,
        movie_id: str = "",
        page_size: int = 0,
        timeout: float | None = None,
    ) -> AsyncGenerator[pb.ShowtimeSummary]:
        """Showtimes by their start: those of a day in the cinema's time zone, or those from now on.

        A page is fetched when the one before has been gone through; `timeout` is a page's.
        """
        request = pb.ListShowtimesRequest(
            date=on.isoformat() if on else "", movie_id=movie_id, page_size=page_size
        )
        while True:
            page: pb.ListShowtimesResponse = await self._ask(
                self._stub.ListShowtimes, request, timeout=timeout
            )
            for showtime in page.showtimes:
                yield showtime
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def reservations(
        self, customer_id: str, *, page_size: int = 0, timeout: float | None = None
    ) -> AsyncGenerator[pb.Reservation]:
        """The reservations of a customer, newest first; `timeout` is a page's."""
        request = pb.ListReservationsRequest(customer_id=customer_id, page_size=page_size)
        while True:
            page: pb.ListReservationsResponse = await self._ask(
                self._stub.ListReservations, request, timeout=timeout
            )
            for reservation in page.reservations:
                yield reservation
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def watch(
        self,
        showtime_id: str,
        *,
        after: SeatMap | None = None,
        patience: float = _PATIENCE_SECONDS,
        silence: float = _SILENCE_SECONDS,
    ) -> AsyncGenerator[SeatMap]:
        """The seats as they are, and then each time that they have changed, for as long as one listens.

        It goes on by itself after a disconnection, from where it was, or from a map that somebody kept. It has no
        deadline: it gives up when nobody was heard for `patience` seconds. A stream that is mute for `silence`
        seconds is taken for dead.
        """
        watch = Watch(
            open_stream=self._stub.WatchShowtime, showtime_id=showtime_id, silence=silence, patience=patience
        )
        return watch.maps(after)

    async def _ask(
        self,
        method: Callable[..., Awaitable[Answer]],
        request: object,
        *,
        min_sequence: int = 0,
        timeout: float | None,
    ) -> Answer:
        seconds = self._timeout if timeout is None else timeout
        if seconds <= 0:  # gRPC takes 0 for no deadline at all; who has no time left means something else
            raise DeadlineExceededError("there was no time left to ask")
        try:
            return await method(request, timeout=seconds)
        except grpc.aio.AioRpcError as refusal:
            raise error_of(refusal, min_sequence=min_sequence) from refusal
