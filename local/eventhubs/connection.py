"""A connection: headers, the SASL exchange, sessions and heartbeats."""

import asyncio
import logging
from contextlib import suppress

from local.eventhubs import frames
from local.eventhubs.broker import Broker
from local.eventhubs.faults import Faults
from local.eventhubs.frames import MalformedFrameError
from local.eventhubs.receivers import Ownership
from local.eventhubs.session import WINDOW, Session

_LOG = logging.getLogger(__name__)
_MAX_FRAME_BYTES = 1 << 20
_SMALLEST_FRAME_BYTES = 512
_HEADER_BYTES = 8


class Connection:
    """Serves one peer until it closes, goes away or sends what is not AMQP."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        broker: Broker,
        ownership: Ownership,
        faults: Faults,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._broker = broker
        self._ownership = ownership
        self._faults = faults
        self._is_open = False
        self._sessions: dict[int, Session] = {}
        self._heartbeat: asyncio.Task[None] | None = None
        self.peer_max_frame = _SMALLEST_FRAME_BYTES

    def write(self, data: bytes) -> None:
        """Queue bytes for the peer."""
        if not self._writer.is_closing():
            self._writer.write(data)

    async def serve(self) -> None:
        """Serve until the end of the connection; never raises for what the peer does."""
        try:
            await self._handshake()
            await self._serve_frames()
        except MalformedFrameError as error:
            _LOG.warning("closing a connection: %s", error)
            self.write(frames.close_frame(condition=b"amqp:decode-error", description=str(error)))
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the peer is gone
        finally:
            await self._close()

    def dismiss(self, reason: str) -> None:
        """Tell the peer that its connection ends, and end it."""
        if self._is_open:
            self.write(frames.close_frame(condition=b"amqp:connection:forced", description=reason))
        self._writer.close()

    def abort(self) -> None:
        """End it now, whatever the peer has not read yet."""
        self._writer.transport.abort()

    async def _close(self) -> None:
        for session in self._sessions.values():
            session.close()
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self._writer.close()
        with suppress(ConnectionError, TimeoutError):
            await self._writer.wait_closed()

    async def _handshake(self) -> None:
        header = await self._reader.readexactly(_HEADER_BYTES)
        if header == frames.SASL_HEADER:
            self.write(frames.SASL_HEADER + frames.sasl_mechanisms())
            greeting = await self._read_frame()
            if greeting is None or greeting.code != frames.SASL_INIT:
                raise MalformedFrameError("expected a sasl-init")
            self.write(frames.sasl_welcome())
            header = await self._reader.readexactly(_HEADER_BYTES)
        if header != frames.AMQP_HEADER:
            self.write(frames.AMQP_HEADER)
            raise MalformedFrameError(f"protocol header {header!r} is not that of AMQP 1.0")
        self.write(frames.AMQP_HEADER)

    async def _serve_frames(self) -> None:
        while True:
            frame = await self._read_frame()
            if frame is None:
                continue
            if frame.code == frames.CLOSE:
                self.write(frames.close_frame())
                return
            try:
                self._handle(frame)
            except (IndexError, KeyError, TypeError, ValueError) as error:
                raise MalformedFrameError(f"performative {frame.code}: {error!r}") from error
            await self._writer.drain()

    def _handle(self, frame: frames.Frame) -> None:
        if frame.code == frames.OPEN:
            self._open(frame)
        elif frame.code == frames.BEGIN:
            self._sessions[frame.channel] = Session(
                self,
                channel=frame.channel,
                broker=self._broker,
                ownership=self._ownership,
                faults=self._faults,
            )
            self.write(frames.begin_frame(channel=frame.channel, window=WINDOW))
        elif frame.channel not in self._sessions:
            pass  # the client detaches links of sessions that it has ended
        elif frame.code == frames.END:
            self._sessions.pop(frame.channel).close()
            self.write(frames.end_frame(channel=frame.channel))
        else:
            self._sessions[frame.channel].handle(frame)

    def _open(self, frame: frames.Frame) -> None:
        asked = dict(enumerate(frame.fields))
        self.peer_max_frame = min(asked.get(2) or _MAX_FRAME_BYTES, _MAX_FRAME_BYTES)
        self.write(frames.open_frame(max_frame_size=_MAX_FRAME_BYTES))
        self._is_open = True
        idle_ms = asked.get(4)
        if idle_ms:
            self._heartbeat = asyncio.create_task(self._beat(every=idle_ms / 1000 / 2))

    async def _beat(self, *, every: float) -> None:
        """The peer closes connections that are silent for its idle time-out (AMQP 1.0, 2.4.5)."""
        while True:
            await asyncio.sleep(every)
            self.write(frames.EMPTY_FRAME)

    async def _read_frame(self) -> frames.Frame | None:
        header = await self._reader.readexactly(_HEADER_BYTES)
        length = frames.frame_length(header)
        if length > _MAX_FRAME_BYTES:
            raise MalformedFrameError(f"a frame of {length} bytes")
        return frames.parse_frame(header, await self._reader.readexactly(length))
