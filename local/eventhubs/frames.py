"""AMQP frames as bytes. Transfers to receivers, the hot path, are packed by hand; all else is left to the library."""

import struct
from typing import Any, NamedTuple

from local.eventhubs import library

AMQP_HEADER = b"AMQP\x00\x01\x00\x00"
SASL_HEADER = b"AMQP\x03\x01\x00\x00"
_AMQP_FRAME, _SASL_FRAME = 0, 1
_FRAME_HEADER = struct.Struct(">IBBH")

OPEN, BEGIN, ATTACH, FLOW, TRANSFER, DISPOSITION, DETACH, END, CLOSE = range(16, 25)
SASL_INIT = 65


class MalformedFrameError(Exception):
    """The peer sent what is not AMQP."""


class Frame(NamedTuple):
    """A decoded frame: its channel, its performative's code, and the performative's fields."""

    channel: int
    code: int
    fields: list[Any]


def parse_frame(header: bytes, body: bytes) -> Frame | None:
    """Decode a frame; an empty one (a heartbeat) is None.

    Raises:
        MalformedFrameError: the bytes are no frame.
    """
    _, offset, _, channel = _FRAME_HEADER.unpack(header)
    content = memoryview(body)[(offset - 2) * 4 :]
    if not content:
        return None
    try:
        code, fields = library.decode.decode_frame(content)
    except Exception as failure:  # the library's decoder raises whatever its indexing raises
        raise MalformedFrameError(repr(failure)) from failure
    return Frame(channel, int(code), list(fields))


def frame_length(header: bytes) -> int:
    """The length of the body that follows an 8-byte frame header.

    Raises:
        MalformedFrameError: the header is impossible.
    """
    size, offset, _, _ = _FRAME_HEADER.unpack(header)
    if size < _FRAME_HEADER.size or offset < 2:  # noqa: PLR2004 # two words: AMQP 1.0, 2.3.1
        raise MalformedFrameError(f"impossible frame header {header.hex()}")
    return size - _FRAME_HEADER.size


def _frame(performative: Any, *, channel: int, kind: int = _AMQP_FRAME) -> bytes:
    body = bytearray()
    library.encode.encode_value(body, library.encode.describe_performative(performative))
    return _FRAME_HEADER.pack(_FRAME_HEADER.size + len(body), 2, kind, channel) + body


EMPTY_FRAME = _FRAME_HEADER.pack(_FRAME_HEADER.size, 2, _AMQP_FRAME, 0)


def sasl_mechanisms() -> bytes:
    """Offer to take anybody."""
    return _frame(library.frames.SASLMechanism([b"ANONYMOUS", b"MSSBCBS"]), channel=0, kind=_SASL_FRAME)


def sasl_welcome() -> bytes:
    """Let the peer in."""
    return _frame(library.frames.SASLOutcome(0, None), channel=0, kind=_SASL_FRAME)


def open_frame(*, max_frame_size: int) -> bytes:
    """Our side of the connection."""
    return _frame(
        library.frames.OpenFrame(
            "eventhubs-emulator", None, max_frame_size, 255, None, None, None, None, None, None
        ),
        channel=0,
    )


def begin_frame(*, channel: int, window: int) -> bytes:
    """Our side of a session."""
    return _frame(
        library.frames.BeginFrame(channel, 0, window, window, 255, None, None, None), channel=channel
    )


def attach_frame(
    *,
    channel: int,
    name: bytes,
    handle: int,
    receiving: bool,
    source: bytes,
    target: bytes,
    max_message_size: int,
) -> bytes:
    """Our side of a link. `receiving` is our role."""
    return _frame(
        library.frames.AttachFrame(
            name,
            handle,
            receiving,
            2 if receiving else 1,
            0,
            library.links.Source(address=source, timeout=0),
            library.links.Target(address=target, timeout=0),
            None,
            None,
            None if receiving else 0,
            max_message_size,
            None,
            None,
            None,
        ),
        channel=channel,
    )


def flow_frame(
    *, channel: int, handle: int, next_incoming: int, window: int, delivered: int, credit: int
) -> bytes:
    """Tell the peer how much it may send on a link, or that a drain is done."""
    return _frame(
        library.frames.FlowFrame(
            next_incoming_id=next_incoming,
            incoming_window=window,
            next_outgoing_id=0,
            outgoing_window=window,
            handle=handle,
            delivery_count=delivered,
            link_credit=credit,
        ),
        channel=channel,
    )


def accepted_frame(*, channel: int, delivery_id: int) -> bytes:
    """Settle a delivery that we received: it is stored."""
    return _frame(
        library.frames.DispositionFrame(*_settled(delivery_id), library.outcome.Accepted(), None),
        channel=channel,
    )


def _settled(delivery_id: int) -> tuple[bool, int, None, bool]:
    """The first fields of a disposition: we are the receiver, one delivery, and it is settled."""
    return True, delivery_id, None, True


def rejected_frame(*, channel: int, delivery_id: int, condition: bytes, description: str) -> bytes:
    """Settle a delivery that we received: it is refused, and why."""
    refusal = library.outcome.Rejected(error=library.errors.AMQPError(condition, description, None))
    return _frame(library.frames.DispositionFrame(*_settled(delivery_id), refusal, None), channel=channel)


def detach_frame(
    *, channel: int, handle: int, condition: bytes | None = None, description: str = ""
) -> bytes:
    """Close a link, with a reason or as an answer to the peer's own closing."""
    reason = None if condition is None else library.errors.AMQPError(condition, description, None)
    return _frame(library.frames.DetachFrame(handle, error=reason, closed=True), channel=channel)


def end_frame(*, channel: int) -> bytes:
    """End a session."""
    return _frame(library.frames.EndFrame(None), channel=channel)


def close_frame(*, condition: bytes | None = None, description: str = "") -> bytes:
    """Close the connection, with a reason or as an answer to the peer's own closing."""
    reason = None if condition is None else library.errors.AMQPError(condition, description, None)
    return _frame(library.frames.CloseFrame(reason), channel=0)


_TRANSFER = struct.Struct(">IBBH 4sBB BI BI BBI B B B 5s")


def transfer_frame(
    payload: bytes | memoryview, *, channel: int, handle: int, delivery_id: int, more: bool
) -> bytes:
    """A settled transfer, or a part of one."""
    size = _TRANSFER.size + len(payload)
    header = _TRANSFER.pack(
        size, 2, _AMQP_FRAME, channel,
        b"\x00\x53\x14\xc0", 25, 11,
        0x70, handle,
        0x70, delivery_id,
        0xA0, 4, delivery_id,
        0x43,
        0x41,
        0x41 if more else 0x42,
        b"\x40" * 5,  # the client reads every field and pads none
    )  # fmt: skip
    return header + payload
