"""A TCP proxy that a test makes fail: refuse, fall silent, or drop connections, and count what that struck."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """What becomes of connections, those that are there and those that come."""

    NONE = "none"
    REFUSED = "refused"
    SILENT = "silent"
    SLOW = "slow"
    RESET = "reset"


_SLOW_SECONDS = 0.3
_CHUNK_BYTES = 65_536


class FaultProxy:
    """In front of a port of this machine. Whatever the fault, the server behind it does not notice."""

    def __init__(self, *, behind: int) -> None:
        self._behind = behind
        self._fault = Fault.NONE
        self._changed = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.struck = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, port: int) -> AsyncGenerator[Self]:
        """A proxy in front of a port, without a fault yet."""
        proxy = cls(behind=port)
        await proxy._listen()
        try:
            yield proxy
        finally:
            await proxy.make(Fault.REFUSED)

    async def make(self, fault: Fault) -> None:
        """From now on. What was silent is dropped when that ends, as a network drops it in the end."""
        was, self._fault = self._fault, fault
        self._changed.set()
        self._changed = asyncio.Event()
        if fault in {Fault.REFUSED, Fault.RESET} or was is Fault.SILENT:
            self._drop_all()
        if fault is Fault.REFUSED and self._server is not None:
            self._server.close()
            self._server = None
        if fault is not Fault.REFUSED and self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "localhost", self.port or None)
        self.port = self._server.sockets[0].getsockname()[1]

    def _drop_all(self) -> None:
        for writer in self._writers:
            self.struck += 1
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("localhost", self._behind)
        self._writers |= {writer, back}
        with suppress(OSError):
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        for one in (writer, back):
            self._writers.discard(one)
            one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK_BYTES):
            await self._suffer()
            writer.write(data)
            await writer.drain()
        writer.transport.abort()

    async def _suffer(self) -> None:
        while self._fault is Fault.SILENT:
            self.struck += 1
            await self._changed.wait()
        if self._fault is Fault.SLOW:
            self.struck += 1
            await asyncio.sleep(_SLOW_SECONDS)
        if self._fault is Fault.RESET:
            self.struck += 1
            raise ConnectionResetError
