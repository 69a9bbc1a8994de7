"""Hubs, their partitions and consumer groups, and who is waiting for new events."""

import itertools
import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.eventhubs.log import NewRecord, PartitionLog, Retention

DEFAULT_GROUP = "$default"


class UnknownEntityError(Exception):
    """There is no such hub, partition or consumer group."""


class PartitionCountError(Exception):
    """The data on disk has another number of partitions than was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubDescription:
    """What a hub is to be: consumer groups beside `$Default`, which every hub has."""

    name: str
    partitions: int
    consumer_groups: tuple[str, ...] = ()


@dataclass(slots=True)
class Partition:
    """A log and the callbacks of those who wait for it to grow."""

    log: PartitionLog
    listeners: set[Callable[[], None]] = field(default_factory=set[Callable[[], None]])

    def append(self, records: Sequence[NewRecord]) -> None:
        """Append all or none, then wake the listeners."""
        self.log.append(records, enqueued_ms=time.time_ns() // 1_000_000)
        for wake in tuple(self.listeners):
            wake()


class Hub:
    """One event hub."""

    def __init__(self, description: HubDescription, *, data: Path, retention: Retention) -> None:
        self.name = description.name
        self.created_ms = _settle_layout(description, data=data)
        self.partitions = [
            Partition(PartitionLog.open(data / f"{number}.log", retention=retention))
            for number in range(description.partitions)
        ]
        self._groups = {DEFAULT_GROUP, *(group.lower() for group in description.consumer_groups)}
        self._turns = itertools.count()

    def partition(self, number: str) -> Partition:
        """A partition by its id.

        Raises:
            UnknownEntityError: there is none.
        """
        if not number.isdecimal() or int(number) >= len(self.partitions):
            raise UnknownEntityError(f"hub {self.name} has no partition {number!r}")
        return self.partitions[int(number)]

    def require_group(self, group: str) -> None:
        """Check a consumer group's name; case does not matter.

        Raises:
            UnknownEntityError: there is none.
        """
        if group.lower() not in self._groups:
            raise UnknownEntityError(f"hub {self.name} has no consumer group {group!r}")

    def partition_for(self, key: bytes) -> Partition:
        """The partition of a key; of no key, the next in turn."""
        number = zlib.crc32(key) if key else next(self._turns)
        return self.partitions[number % len(self.partitions)]

    def close(self) -> None:
        """Close the logs."""
        for partition in self.partitions:
            partition.log.close()


class Broker:
    """All hubs of the namespace."""

    def __init__(self, descriptions: Sequence[HubDescription], *, data: Path, retention: Retention) -> None:
        self._hubs = {d.name.lower(): Hub(d, data=data / d.name, retention=retention) for d in descriptions}

    def hub(self, name: str) -> Hub:
        """A hub by its name; case does not matter.

        Raises:
            UnknownEntityError: there is none.
        """
        try:
            return self._hubs[name.lower()]
        except KeyError:
            raise UnknownEntityError(f"there is no event hub {name!r}") from None

    def close(self) -> None:
        """Close every hub."""
        for hub in self._hubs.values():
            hub.close()


def _settle_layout(description: HubDescription, *, data: Path) -> int:
    """Write what the hub is on first use, check it afterwards; answers when the hub was created, in milliseconds."""
    data.mkdir(parents=True, exist_ok=True)
    layout = data / "hub.json"
    if not layout.exists():
        created = {"partitions": description.partitions, "createdMs": time.time_ns() // 1_000_000}
        draft = layout.with_suffix(".new")
        draft.write_text(json.dumps(created))
        draft.replace(layout)
    stored = json.loads(layout.read_text())
    if stored["partitions"] != description.partitions:
        raise PartitionCountError(
            f"hub {description.name} has {stored['partitions']} partitions on disk, not {description.partitions}; "
            f"the number can't be changed (drop {data} to start anew)"
        )
    return int(stored["createdMs"])
