"""The request nodes of the namespace: `$cbs` takes any token, `$management` describes hubs and partitions."""

from typing import Any

from local.eventhubs.broker import Broker, Hub, UnknownEntityError
from local.eventhubs.messages import (
    Request,
    amqp_bool,
    amqp_int,
    amqp_long,
    amqp_text,
    amqp_texts,
    amqp_time,
    response_message,
)

CBS, MANAGEMENT = b"$cbs", b"$management"
NODES = frozenset({CBS, MANAGEMENT})

_HUB_TYPE, _PARTITION_TYPE = b"com.microsoft:eventhub", b"com.microsoft:partition"


def answer_request(node: bytes, request: Request, *, broker: Broker) -> bytes:
    """The encoded answer of a node to a request."""
    if node == CBS:
        return _answer(request, status=202, description="Accepted")
    try:
        value = _describe(request.properties, broker=broker)
    except UnknownEntityError as error:
        return _answer(request, status=404, description=str(error))
    if value is None:
        wanted = request.properties.get(b"type", b"").decode(errors="replace")
        return _answer(request, status=501, description=f"the emulator does not implement {wanted!r}")
    return _answer(request, status=200, description="OK", value=value)


def _answer(request: Request, *, status: int, description: str, value: dict[str, Any] | None = None) -> bytes:
    return response_message(
        correlation_id=request.message_id, status=status, description=description, value=value
    )


def _describe(properties: dict[bytes, Any], *, broker: Broker) -> dict[str, Any] | None:
    if properties.get(b"operation") != b"READ":
        return None
    hub = broker.hub(properties.get(b"name", b"").decode())
    match properties.get(b"type"):
        case bytes(kind) if kind == _HUB_TYPE:
            return _describe_hub(hub)
        case bytes(kind) if kind == _PARTITION_TYPE:
            return _describe_partition(hub, number=properties.get(b"partition", b"").decode())
        case _:
            return None


def _describe_hub(hub: Hub) -> dict[str, Any]:
    count = len(hub.partitions)
    return {
        "name": amqp_text(hub.name),
        "created_at": amqp_time(hub.created_ms),
        "partition_count": amqp_int(count),
        "partition_ids": amqp_texts([str(number) for number in range(count)]),
    }


def _describe_partition(hub: Hub, *, number: str) -> dict[str, Any]:
    log = hub.partition(number).log
    return {
        "name": amqp_text(hub.name),
        "partition": amqp_text(number),
        "begin_sequence_number": amqp_long(log.first if log.end else -1),
        "last_enqueued_sequence_number": amqp_long(log.end - 1),
        "last_enqueued_offset": amqp_text(str(log.last_offset)),
        "last_enqueued_time_utc": amqp_time(log.last_ms),
        "is_partition_empty": amqp_bool(value=log.end == log.first),
    }
