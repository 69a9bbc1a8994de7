"""A read service in this process that answers as it is told, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import grpc

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class ScriptedReadService:
    """Refuses calls with statuses, in their order, and answers those after."""

    def __init__(self, refusals: Iterable[grpc.StatusCode]) -> None:
        self._refusals: Iterator[grpc.StatusCode] = iter(refusals)
        self._answering = asyncio.Event()
        self._answering.set()
        self.seconds_left: list[float] = []

    def hang(self) -> None:
        """Answer nobody from now on."""
        self._answering.clear()

    async def get_showtime(self, request: pb.GetShowtimeRequest, context: Context) -> pb.GetShowtimeResponse:
        self.seconds_left.append(context.time_remaining())
        await self._answering.wait()
        if (refusal := next(self._refusals, None)) is not None:
            await context.abort(refusal, "as it was told")
        return pb.GetShowtimeResponse(showtime_id=request.showtime_id)


@asynccontextmanager
async def serving(*refusals: grpc.StatusCode) -> AsyncGenerator[tuple[ScriptedReadService, str]]:
    """The service, and where it listens."""
    service, server = ScriptedReadService(refusals), grpc.aio.server()
    servicer = cast(Any, pb_grpc).CinemaQueryServicer()
    servicer.GetShowtime = service.get_showtime
    cast(Any, pb_grpc).add_CinemaQueryServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield service, f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
