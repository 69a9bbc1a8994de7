"""The gRPC service: decode, ask, encode. Refusals become statuses here and nowhere else."""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, cast

import grpc

from readsvc.errors import InvalidQueryError, NotFoundError, QueryError
from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from readsvc.mapping import reservation_answer, showtime_answer, showtime_summary
from readsvc.queries import reservation_query, showtime_query, showtimes_query
from readsvc.query_service import QueryService
from readsvc.statuses import grpc_status_of

SERVICE_NAME = "cinema.read.v1.CinemaQuery"

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Context = grpc.aio.ServicerContext[Any, Any]


class CinemaQueryServicer:
    """Method names are the proto's."""

    def __init__(self, queries: QueryService, *, zone: tzinfo, max_wait_seconds: float) -> None:
        self._queries = queries
        self._zone = zone
        self._max_wait_seconds = max_wait_seconds

    async def GetShowtime(self, request: pb.GetShowtimeRequest, context: Context) -> pb.GetShowtimeResponse:  # noqa: N802 the proto's name
        """One showtime with its seat map."""

        async def answer() -> pb.GetShowtimeResponse:
            query = showtime_query(request)
            return showtime_answer(await self._queries.showtime(query, seconds=self._patience(context)))

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
        del request
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not yet")
        raise AssertionError("abort raises")

    async def WatchShowtime(self, request: pb.WatchShowtimeRequest, context: Context) -> None:  # noqa: N802 the proto's name
        """A seat map as it changes."""
        del request
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not yet")

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
        level = logging.DEBUG if isinstance(error, InvalidQueryError | NotFoundError) else logging.WARNING
        _log.log(
            level, "query_refused method=%s error=%s ms=%.1f", method, type(error).__name__, milliseconds
        )
        await context.abort_with_status(grpc_status_of(error))
    except Exception:  # noqa: BLE001 gRPC would tell the client its text; the traceback is logged
        _log.exception("query_failed method=%s", method)
        await context.abort(grpc.StatusCode.INTERNAL, "the query failed")
    raise AssertionError("abort raises")
