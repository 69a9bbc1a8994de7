"""The gRPC service: decode, ask, encode. Refusals become statuses here and nowhere else."""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, cast

import grpc

from readsvc.errors import InvalidQueryError, LeavingError, NotFoundError, QueryError
from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from readsvc.last_made import LastMade
from readsvc.mapping import (
    listed_reservation,
    reservation_answer,
    showtime_answer,
    showtime_summary,
    watch_answer,
)
from readsvc.queries import (
    reservation_query,
    reservations_query,
    showtime_query,
    showtimes_query,
    watch_query,
)
from readsvc.query_service import QueryService
from readsvc.statuses import grpc_status_of
from readsvc.watching import Watching

SERVICE_NAME = "cinema.read.v1.CinemaQuery"

_log = logging.getLogger(__name__)

_EXPECTED = (InvalidQueryError, LeavingError, NotFoundError)
"""Refusals that are no sign of trouble."""

Answer = TypeVar("Answer")
Context = grpc.aio.ServicerContext[Any, Any]


class CinemaQueryServicer:
    """Method names are the proto's."""

    def __init__(
        self,
        queries: QueryService,
        *,
        watching: Watching,
        zone: tzinfo,
        max_wait_seconds: float,
        remembered: int,
    ) -> None:
        self._queries = queries
        self._watching = watching
        self._zone = zone
        self._max_wait_seconds = max_wait_seconds
        self._showtime_answers = LastMade(showtime_answer, limit=remembered)
        self._watch_answers = LastMade(watch_answer, limit=remembered)

    async def GetShowtime(self, request: pb.GetShowtimeRequest, context: Context) -> pb.GetShowtimeResponse:  # noqa: N802 the proto's name
        """One showtime with its seat map."""

        async def answer() -> pb.GetShowtimeResponse:
            query = showtime_query(request)
            document = await self._queries.showtime(query, seconds=self._patience(context))
            return self._showtime_answers.of(document, key=document.id)

        return await _answered("GetShowtime", answer, context=context)

    async def ListShowtimes(  # noqa: N802 the proto's name
        self, request: pb.ListShowtimesRequest, context: Context
    ) -> pb.ListShowtimesResponse:
        """A page of showtimes."""

        async def answer() -> pb.ListShowtimesResponse:
            query = showtimes_query(request, zone=self._zone, now=datetime.now(UTC))
            page = await self._queries.page_of_showtimes(query)
            return pb.ListShowtimesResponse(
                showtimes=[showtime_summary(showtime) for showtime in page.showtimes],
                next_page_token=page.next_page_token,
            )

        return await _answered("ListShowtimes", answer, context=context)

    async def GetReservation(  # noqa: N802 the proto's name
        self, request: pb.GetReservationRequest, context: Context
    ) -> pb.GetReservationResponse:
        """One reservation."""

        async def answer() -> pb.GetReservationResponse:
            query = reservation_query(request)
            booked = await self._queries.reservation(query, seconds=self._patience(context))
            return reservation_answer(booked.reservation, showtime=booked.showtime)

        return await _answered("GetReservation", answer, context=context)

    async def ListReservations(  # noqa: N802 the proto's name
        self, request: pb.ListReservationsRequest, context: Context
    ) -> pb.ListReservationsResponse:
        """A page of a customer's reservations."""

        async def answer() -> pb.ListReservationsResponse:
            page = await self._queries.page_of_reservations(reservations_query(request))
            return pb.ListReservationsResponse(
                reservations=[
                    listed_reservation(booked.reservation, showtime=booked.showtime)
                    for booked in page.reservations
                ],
                next_page_token=page.next_page_token,
            )

        return await _answered("ListReservations", answer, context=context)

    async def WatchShowtime(self, request: pb.WatchShowtimeRequest, context: Context) -> None:  # noqa: N802 the proto's name
        """A seat map as it changes. A watcher that reads slowly gets fewer and larger differences."""

        async def answer() -> None:
            query = watch_query(request)
            differences = self._watching.differences(query, seconds=self._patience(context))
            async with aclosing(differences):
                async for difference in differences:
                    await context.write(self._watch_answers.of(difference, key=query.showtime_id))

        await _answered("WatchShowtime", answer, context=context)

    def _patience(self, context: Context) -> float:
        left = cast(float | None, context.time_remaining())
        return self._max_wait_seconds if left is None else min(left, self._max_wait_seconds)


def add_to_server(servicer: CinemaQueryServicer, *, server: grpc.aio.Server) -> None:
    """Register the service; the generated function has no types."""
    cast(Any, pb_grpc).add_CinemaQueryServicer_to_server(servicer, server)


async def _answered(method: str, answer: Callable[[], Awaitable[Answer]], *, context: Context) -> Answer:
    started = time.perf_counter()
    try:
        return await answer()
    except QueryError as error:
        milliseconds = (time.perf_counter() - started) * 1000
        level = logging.DEBUG if isinstance(error, _EXPECTED) else logging.WARNING
        _log.log(
            level, "query_refused method=%s error=%s ms=%.1f", method, type(error).__name__, milliseconds
        )
        await context.abort_with_status(grpc_status_of(error))
    except Exception:  # noqa: BLE001 gRPC would tell the client its text; the traceback is logged
        _log.exception("query_failed method=%s", method)
        await context.abort(grpc.StatusCode.INTERNAL, "the query failed")
    raise AssertionError("abort raises")
