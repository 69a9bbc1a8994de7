"""What is told of the demo booking."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The way of one booking: when it passed each station."""

    showtime_id: str
    reservation_id: str
    customer_id: str
    seats: tuple[tuple[str, int], ...]
    next_seat: tuple[str, int]
    sent: datetime
    committed: datetime
    published: datetime
    projected: datetime
    visible: datetime

    def stations(self) -> Iterator[tuple[str, timedelta]]:
        """Each station and how long after the request was sent it was passed."""
        yield "committed  reservation and event, in one transaction", self.committed - self.sent
        yield "published  the outbox master sent it to Event Hubs", self.published - self.sent
        yield "projected  the projector wrote the MongoDB view", self.projected - self.sent
        yield "visible    the read service answered, by the gateway", self.visible - self.sent
