"""Whole messages of MongoDB's protocol on a blocking socket, for proxies before the stand-in."""

import socket
import struct
from typing import Any

from local.mongo.documents import encode
from local.mongo.wire import HEADER_BYTES, message_length

_OP_MSG = 2013


def received(peer: socket.socket) -> tuple[bytes, bytes]:
    """The header and the body of the next message.

    Raises:
        ConnectionResetError: the peer has gone.
    """
    header = _exactly(peer, HEADER_BYTES)
    return header, _exactly(peer, message_length(header))


def request(command: dict[str, Any], *, request_id: int) -> bytes:
    """A command as a client sends it."""
    body = struct.pack("<IB", 0, 0) + encode(command)
    return struct.pack("<iiii", HEADER_BYTES + len(body), request_id, 0, _OP_MSG) + body


def _exactly(peer: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        received = peer.recv(size - len(data))
        if not received:
            raise ConnectionResetError
        data += received
    return bytes(data)
