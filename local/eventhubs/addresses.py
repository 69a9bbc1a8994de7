"""Link addresses and receive filters of Event Hubs, as text."""

import re
from typing import Any, NamedTuple

from local.eventhubs.log import PartitionLog

_FILTER = re.compile(
    r"^amqp\.annotation\.x-opt-(?P<what>offset|sequence-number|enqueued-time) (?P<sign>>=?) '(?P<value>[^']*)'$"
)


class UnsupportedAddressError(Exception):
    """An address or filter that the emulator does not implement."""


class SendAddress(NamedTuple):
    """Where a sender's link leads. Without a partition the hub chooses."""

    hub: str
    partition: str | None


class ReceiveAddress(NamedTuple):
    """What a receiver's link reads."""

    hub: str
    group: str
    partition: str


def _path(address: bytes) -> list[str]:
    """The path of an address; scheme and host, where given, say nothing here."""
    text = address.decode()
    _, separator, rest = text.partition("://")
    return (rest.partition("/")[2] if separator else text).strip("/").split("/")


def parse_send_address(address: bytes) -> SendAddress:
    """`HUB` or `HUB/Partitions/N`.

    Raises:
        UnsupportedAddressError: it is neither.
    """
    match _path(address):
        case [hub] if hub:
            return SendAddress(hub, None)
        case [hub, word, partition] if word.lower() == "partitions":
            return SendAddress(hub, partition)
        case _:
            raise UnsupportedAddressError(f"nothing can be sent to {address.decode()!r}")


def parse_receive_address(address: bytes) -> ReceiveAddress:
    """`HUB/ConsumerGroups/GROUP/Partitions/N`.

    Raises:
        UnsupportedAddressError: it is not.
    """
    match _path(address):
        case [hub, groups, group, partitions, partition] if (
            groups.lower() == "consumergroups" and partitions.lower() == "partitions"
        ):
            return ReceiveAddress(hub, group, partition)
        case _:
            raise UnsupportedAddressError(f"nothing can be received from {address.decode()!r}")


def first_sequence(filters: dict[bytes, Any] | None, *, log: PartitionLog) -> int:
    """The sequence number at which a receiver with these filters starts; without any, the first.

    Raises:
        UnsupportedAddressError: a filter that Event Hubs does not have, or that is not implemented.
    """
    if not filters:
        return 0
    selector = filters.get(b"apache.org:selector-filter:string")
    if len(filters) > 1 or not isinstance(selector, bytes):
        raise UnsupportedAddressError(f"filters {sorted(filters)} are not implemented")
    parsed = _FILTER.match(selector.decode())
    if parsed is None:
        raise UnsupportedAddressError(f"filter {selector.decode()!r} is not implemented")
    return _position(parsed["what"], value=parsed["value"], inclusive=parsed["sign"] == ">=", log=log)


def _position(what: str, *, value: str, inclusive: bool, log: PartitionLog) -> int:
    if value == "@latest":
        return log.end
    try:
        number = int(value)
    except ValueError:
        raise UnsupportedAddressError(f"a filter by {what} does not take {value!r}") from None
    after = number if inclusive else number + 1
    if what == "offset":
        return log.first_at_offset(max(after, 0))
    if what == "sequence-number":
        return min(max(after, 0), log.end)
    return log.first_at_time(max(after, 0))
