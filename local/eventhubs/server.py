"""The listening socket, and the connections that were accepted on it."""

import asyncio

from local.eventhubs.broker import Broker
from local.eventhubs.connection import Connection
from local.eventhubs.faults import Faults
from local.eventhubs.receivers import Ownership

_FAREWELL_SECONDS = 1.0


class Server:
    """Serves until it is stopped."""

    def __init__(self, broker: Broker, *, faults: Faults) -> None:
        self._broker = broker
        self._faults = faults
        self._ownership = Ownership()
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._listener: asyncio.Server | None = None

    async def start(self, *, port: int) -> None:
        """Listen.

        Raises:
            OSError: the port can't be opened.
        """
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", port)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(
            reader, writer, broker=self._broker, ownership=self._ownership, faults=self._faults
        )
        task = asyncio.create_task(connection.serve())
        self._connections[task] = connection
        task.add_done_callback(self._connections.pop)

    def dismiss_everybody(self) -> None:
        """Close every connection, as Event Hubs does now and then."""
        for connection in self._connections.values():
            connection.dismiss("the emulator closes its connections")

    async def stop(self) -> None:
        """Listen no more, say goodbye to those who are connected, and leave those who do not listen."""
        if self._listener is not None:
            self._listener.close()
        self.dismiss_everybody()
        if self._connections:
            await asyncio.wait(self._connections, timeout=_FAREWELL_SECONDS)
        for connection in self._connections.values():
            connection.abort()
        await asyncio.gather(*self._connections)
