"""A read service in this process that answers as it is told, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import grpc

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc

Context = grpc.aio.ServicerContext[Any, Any]
Stream = Sequence[pb.WatchShowtimeResponse | grpc.StatusCode]
"""What a watch is told, and how it ends: with a status, or never."""


@dataclass
class ScriptedReadService:
    """Refuses queries with statuses, in their order, and answers those after; tells watches a stream each."""

    refusals: list[grpc.StatusCode] = field(default_factory=list[grpc.StatusCode])
    streams: list[Stream] = field(default_factory=list[Stream])
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    seconds_left: list[float] = field(default_factory=list[float])
    watched: list[pb.WatchShowtimeRequest] = field(default_factory=list[pb.WatchShowtimeRequest])
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A watcher has gone."""

    async def get_showtime(self, request: pb.GetShowtimeRequest, context: Context) -> pb.GetShowtimeResponse:
        self.seconds_left.append(context.time_remaining())
        await self.answering.wait()
        if self.refusals:
            await context.abort(self.refusals.pop(0), "as it was told")
        return pb.GetShowtimeResponse(showtime_id=request.showtime_id)

    async def watch_showtime(
        self, request: pb.WatchShowtimeRequest, context: Context
    ) -> AsyncGenerator[pb.WatchShowtimeResponse]:
        self.watched.append(request)
        try:
            for told in self.streams.pop(0):
                if isinstance(told, grpc.StatusCode):
                    await context.abort(told, "as it was told")
                else:
                    yield told
            await asyncio.Event().wait()
        finally:
            self.left.set()


@asynccontextmanager
async def serving(
    *refusals: grpc.StatusCode, streams: Sequence[Stream] = (), answering: bool = True
) -> AsyncGenerator[tuple[ScriptedReadService, str]]:
    """The service, and where it listens."""
    service, server = ScriptedReadService(list(refusals), list(streams)), grpc.aio.server()
    if answering:
        service.answering.set()
    servicer = cast(Any, pb_grpc).CinemaQueryServicer()
    servicer.GetShowtime, servicer.WatchShowtime = service.get_showtime, service.watch_showtime
    cast(Any, pb_grpc).add_CinemaQueryServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield service, f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
