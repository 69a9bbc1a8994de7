"""The process: wiring, serving, and leaving without cutting a call short."""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import grpc
from grpc_reflection.v1alpha import reflection

from readsvc.cache import DocumentCache
from readsvc.change_hints import ChangeHints
from readsvc.circuit_breaker import CircuitBreaker
from readsvc.health import HEALTH_SERVICE, HealthReport
from readsvc.hit_counters import HitCounters
from readsvc.mongo_reads import connect, lists, newest
from readsvc.query_service import QueryService
from readsvc.redis_client import RedisClient
from readsvc.servicer import SERVICE_NAME, CinemaQueryServicer, add_to_server
from readsvc.settings import ReadServiceSettings
from readsvc.showtime_feeds import ShowtimeFeeds
from readsvc.view_reader import ViewReader
from readsvc.view_store import ViewStore
from readsvc.watching import Watching
from shared.contracts.documents import ReservationDocument, ShowtimeDocument

if TYPE_CHECKING:
    from shared.telemetry.telemetry import Telemetry

_log = logging.getLogger(__name__)

_OPTIONS = (
    # Otherwise a second process could listen on the same port and take every other call.
    ("grpc.so_reuseport", 0),
    # Of calls that come in one burst, gRPC cancels at random from the thousandth on that waits to be taken up.
    ("grpc.server.max_pending_requests", 10_000),
    ("grpc.server.max_pending_requests_hard_limit", 20_000),
)


class PortTakenError(Exception):
    """Nobody can listen on the port. The message names it."""


async def serve(settings: ReadServiceSettings, *, telemetry: "Telemetry | None" = None) -> None:
    """Serve until SIGTERM or SIGINT, then let calls in flight finish.

    Raises:
        PortTakenError: the port is taken.
    """
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with _clients(settings) as (redis, store), _background() as background:
        counters, hints = _counters(redis, telemetry=telemetry), ChangeHints(redis)
        health = HealthReport(store)
        showtimes, reservations = _readers(redis, store=store, counters=counters, settings=settings)
        queries = QueryService(showtimes=showtimes, reservations=reservations, store=store, hints=hints)
        feeds = ShowtimeFeeds(
            showtimes,
            hints=hints,
            poll_seconds=settings.watch_poll_seconds,
            max_watchers=settings.max_watchers,
        )
        await store.live.look()
        server = await _started(settings, queries=queries, feeds=feeds, health=health, telemetry=telemetry)
        background += [
            asyncio.create_task(work)
            for work in (
                counters.keep_flushing(),
                hints.keep_listening(),
                health.keep_checking(),
                store.live.keep_looking(),
            )
        ]
        await stop.wait()
        await _leave(server, health=health, feeds=feeds, settings=settings)


def _readers(
    redis: RedisClient, *, store: ViewStore, counters: HitCounters, settings: ReadServiceSettings
) -> tuple[ViewReader[ShowtimeDocument], ViewReader[ReservationDocument]]:
    cache = DocumentCache(
        redis,
        breaker=CircuitBreaker(),
        calls=settings.redis_connections,
        slow_seconds=settings.redis_timeout_seconds / 5,
    )
    remembered = settings.remembered_documents
    return (
        ViewReader(ShowtimeDocument, cache=cache, store=store, counters=counters, remembered=remembered),
        ViewReader(ReservationDocument, cache=cache, store=store, counters=counters, remembered=remembered),
    )


async def _started(
    settings: ReadServiceSettings,
    *,
    queries: QueryService,
    feeds: ShowtimeFeeds,
    health: HealthReport,
    telemetry: "Telemetry | None",
) -> grpc.aio.Server:
    server = grpc.aio.server(options=_OPTIONS, interceptors=_interceptors(telemetry))
    servicer = CinemaQueryServicer(
        queries,
        watching=Watching(feeds, heartbeat_seconds=settings.watch_heartbeat_seconds),
        zone=settings.time_zone,
        max_wait_seconds=settings.max_wait_seconds,
        remembered=settings.remembered_documents,
    )
    add_to_server(servicer, server=server)
    await health.register(server)
    names = (SERVICE_NAME, HEALTH_SERVICE, cast(Any, reflection).SERVICE_NAME)
    cast(Any, reflection).enable_server_reflection(names, server)
    try:
        server.add_insecure_port(f"{settings.grpc_host}:{settings.grpc_port}")
    except RuntimeError as error:
        raise PortTakenError(
            f"GRPC_PORT: port {settings.grpc_port} on {settings.grpc_host} is taken or not allowed"
        ) from error
    await server.start()
    _log.info("read_service_started port=%d", settings.grpc_port)
    return server


def _counters(redis: RedisClient, *, telemetry: "Telemetry | None") -> HitCounters:
    if telemetry is None:
        return HitCounters(redis)
    from readsvc.telemetry import CountedLookups  # noqa: PLC0415 # it imports OpenTelemetry

    return CountedLookups(redis, telemetry=telemetry)


def _interceptors(telemetry: "Telemetry | None") -> list[grpc.aio.ServerInterceptor]:
    if telemetry is None:
        return []
    from readsvc.telemetry import ObservedQueries  # noqa: PLC0415 # it imports OpenTelemetry

    return [ObservedQueries(telemetry)]


async def _leave(
    server: grpc.aio.Server, *, health: HealthReport, feeds: ShowtimeFeeds, settings: ReadServiceSettings
) -> None:
    _log.info("read_service_draining")
    await health.leave()
    await asyncio.sleep(settings.lame_duck_seconds)
    feeds.end()
    await server.stop(settings.drain_seconds)
    _log.info("read_service_stopped")


@asynccontextmanager
async def _clients(settings: ReadServiceSettings) -> AsyncGenerator[tuple[RedisClient, ViewStore]]:
    redis = RedisClient(
        settings.redis_url,
        timeout_seconds=settings.redis_timeout_seconds,
    )
    mongo = connect(settings)
    try:
        yield redis, ViewStore(newest=newest(mongo, settings), lists=lists(mongo, settings))
    finally:
        await mongo.close()
        await redis.aclose()


@asynccontextmanager
async def _background() -> AsyncGenerator[list[asyncio.Task[None]]]:
    """Tasks that end, each in its own good way, with the context."""
    tasks: list[asyncio.Task[None]] = []
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
