"""One client for many concurrent sends, replaced when it hangs and closed when nobody uses it any more."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared.infrastructure.eventhub.producer_client import Connect, ProducerClient

_log = logging.getLogger(__name__)

_CLOSE_SECONDS = 5.0


@dataclass(slots=True, eq=False)
class _Shared:
    client: ProducerClient
    users: int = 0


class ClientLease:
    """Gives out the current client. A send that others have under way is not cut when the client is replaced."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._current: _Shared | None = None
        self._closings: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[ProducerClient]:
        """The client to use now. If its use times out, the next user gets a new one."""
        shared = self._current = self._current or _Shared(self._connect())
        shared.users += 1
        try:
            yield shared.client
        except TimeoutError:
            self._retire(shared)
            raise
        finally:
            shared.users -= 1
            if shared is not self._current and shared.users == 0:
                self._begin_closing(shared)

    async def aclose(self) -> None:
        """Close every client that is open."""
        current, self._current = self._current, None
        if current is not None and current.users == 0:
            self._begin_closing(current)
        await asyncio.gather(*self._closings)

    def _retire(self, shared: _Shared) -> None:
        if shared is self._current:
            self._current = None

    def _begin_closing(self, shared: _Shared) -> None:
        closing = asyncio.create_task(_close(shared.client))
        self._closings.add(closing)
        closing.add_done_callback(self._closings.discard)


async def _close(client: ProducerClient) -> None:
    """Close, within a time: a client that hung while sending may hang here too."""
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await client.close()
    except Exception as error:  # noqa: BLE001 whatever it is, the client is gone and another is in use
        _log.warning("event_hub_client_not_closed error=%r", error)
