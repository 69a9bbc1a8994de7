"""Servers of one's own in the place of embedded parts: named by settings, asked before anything starts, never started or stopped."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from local.stack.part import StackError
from local.stack.places import place_of, secrets_in
from local.stack.settings import StackSettings

_PATIENCE_SECONDS = 6.0
"""Somebody may have started the server a moment ago."""
_ASK_AGAIN_SECONDS = 0.5
_ONE_ANSWER_SECONDS = 5.0

Ask = Callable[[StackSettings], Awaitable[None]]
"""Ask a server something that needs the sign-in, too. Raises whatever its driver raises."""


class UnfitServerError(Exception):
    """The server answers, and isn't what the stack needs. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenServer:
    """A server that a setting names. `name` is that of the embedded part that isn't started."""

    name: str
    variable: str
    url: str
    place: str
    ask: Ask

    async def check(self, settings: StackSettings) -> None:
        """Wait until it answers, for a while.

        Raises:
            StackError: it does not, or is not fit; the message names the setting, and no password.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                async with asyncio.timeout(_ONE_ANSWER_SECONDS):
                    await self.ask(settings)
            except UnfitServerError as error:
                raise StackError(f"{self._named()} is not fit: {error}") from error
            except Exception as error:  # noqa: BLE001 # whatever five drivers raise for a server that can't be had
                if time.monotonic() > deadline:
                    raise StackError(f"{self._named()} does not answer: {self._reason(error)}") from None
                await asyncio.sleep(_ASK_AGAIN_SECONDS)
            else:
                return

    def _named(self) -> str:
        return f"{self.name} at {self.place}, which {self.variable} names,"

    def _reason(self, error: Exception) -> str:
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        for secret in secrets_in(self.url):
            told = told.replace(secret, "***")
        return told


def given_servers(settings: StackSettings) -> list[GivenServer]:
    """The servers that the settings name.

    Raises:
        StackError: the settings don't fit together.
    """
    if settings.hub_protocol == "kafka" and not settings.event_hub:
        raise StackError(
            "HUB_PROTOCOL is kafka, and the projector reads Event Hubs: EventHub must be the connection string "
            "of the namespace whose Kafka endpoint KAFKA_BOOTSTRAP_SERVERS names (docs/kafka.md)"
        )
    asks: dict[str, tuple[str, Ask]] = {
        "EventHub": ("event hubs", _ask_event_hubs),
        "MONGO_URL": ("mongodb", _ask_mongodb),
        "REDIS_URL": ("redis", _ask_redis),
        "WRITE_DATABASE_URL": ("write database", lambda of: _ask_database(of.write_database_url or "")),
        "REPORTING_DATABASE_URL": (
            "reporting database",
            lambda of: _ask_database(of.reporting_database_url or ""),
        ),
    }
    return [
        GivenServer(name=name, variable=variable, url=url, place=place_of(url), ask=ask)
        for variable, url in settings.given_urls().items()
        for name, ask in (asks[variable],)
    ]


async def _ask_event_hubs(settings: StackSettings) -> None:
    from azure.eventhub.aio import EventHubConsumerClient  # noqa: PLC0415 # only who has such a server waits for its driver

    for hub in (settings.domain_events_hub, settings.reservations_hub):
        client = EventHubConsumerClient.from_connection_string(
            settings.event_hubs_in_use,
            consumer_group=settings.projector_consumer_group,
            eventhub_name=hub,
            retry_total=0,
        )
        async with client:
            partitions = len((await client.get_eventhub_properties())["partition_ids"])
        if partitions != settings.hub_partitions:
            raise UnfitServerError(
                f"{hub} has {partitions} partitions, and HUB_PARTITIONS is {settings.hub_partitions}"
            )


async def _ask_mongodb(settings: StackSettings) -> None:
    from pymongo import AsyncMongoClient  # noqa: PLC0415 # as above

    patience_ms = int(_ONE_ANSWER_SECONDS * 800)
    async with AsyncMongoClient[dict[str, object]](
        settings.mongo_in_use, serverSelectionTimeoutMS=patience_ms
    ) as client:
        await client[settings.mongo_database].list_collection_names()


async def _ask_redis(settings: StackSettings) -> None:
    from redis.asyncio import Redis  # noqa: PLC0415 # as above

    async with cast(Any, Redis).from_url(settings.redis_in_use) as client:
        await client.get("cinema")


async def _ask_database(url: str) -> None:
    from sqlalchemy import text  # noqa: PLC0415 # as above

    from shared.infrastructure.sql.engine import create_database_engine  # noqa: PLC0415 # as above

    engine = create_database_engine(url, lock_wait_seconds=_ONE_ANSWER_SECONDS, pool_size=1)

    def ask() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    try:
        if engine.dialect.name != "sqlite":  # its file is made by the migrations
            await asyncio.to_thread(ask)
    finally:
        engine.dispose()
