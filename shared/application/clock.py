"""Time and identity, which come from outside."""

from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID, uuid4


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The moment, in UTC, in whole microseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)


class IdGenerator(Protocol):
    """Makes ids that nobody has used."""

    def new_id(self) -> UUID:
        """Another id."""
        ...


class RandomIdGenerator:
    """Version 4 UUIDs."""

    def new_id(self) -> UUID:
        """A random id."""
        return uuid4()
