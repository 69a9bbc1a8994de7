"""The standard gRPC health service, and what its names mean.

The empty name and the service's own: this process takes calls. With MongoDB down it still answers what is cached, so
that is no reason to send calls elsewhere, or to restart it. `FRESH`: MongoDB answers, so that what is booked now can
be read.
"""

import asyncio
import logging
from typing import Any, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from readsvc.servicer import SERVICE_NAME
from readsvc.view_store import ViewStore

HEALTH_SERVICE = "grpc.health.v1.Health"
FRESH = f"{SERVICE_NAME}/fresh"

_CHECK_SECONDS = 1.0
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
_log = logging.getLogger(__name__)


class HealthReport:
    """Keeps the health service up to date."""

    def __init__(self, store: ViewStore) -> None:
        self._store = store
        self._servicer: Any = cast(Any, health).aio.HealthServicer()
        self._fresh: bool | None = None

    async def register(self, server: grpc.aio.Server) -> None:
        """Add the health service to a server, with nothing known of MongoDB yet."""
        cast(Any, health_pb2_grpc).add_HealthServicer_to_server(self._servicer, server)
        for name in ("", SERVICE_NAME):
            await self._servicer.set(name, _SERVING)
        await self._servicer.set(FRESH, _NOT_SERVING)

    async def keep_checking(self) -> None:
        """Ask MongoDB each second, until cancelled."""
        while True:
            fresh = await self._store.answers()
            if fresh is not self._fresh:
                _log.log(logging.INFO if fresh else logging.WARNING, "views_readable fresh=%s", fresh)
                await self._servicer.set(FRESH, _SERVING if fresh else _NOT_SERVING)
                self._fresh = fresh
            await asyncio.sleep(_CHECK_SECONDS)

    async def leave(self) -> None:
        """Say NOT_SERVING under every name from now on."""
        await self._servicer.enter_graceful_shutdown()
