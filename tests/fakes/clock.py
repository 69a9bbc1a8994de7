"""Time and ids that tests decide."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tests.builders.showtimes import NOON


@dataclass
class FakeClock:
    """Stands still until it is told to move."""

    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


@dataclass
class FakeIdGenerator:
    """Ids that count up, so that a failure is easy to read."""

    given: list[UUID] = field(default_factory=list[UUID])

    def new_id(self) -> UUID:
        self.given.append(UUID(int=len(self.given) + 1))
        return self.given[-1]
