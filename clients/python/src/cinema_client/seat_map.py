"""A showtime's seats as they are now, folded from what a watch sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple, Self

from cinema_client.generated.cinema.read.v1 import cinema_query_pb2 as pb


class SeatPlace(NamedTuple):
    """Where a seat is."""

    row: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatMap:
    """All seats at one moment. A later moment is another map, so that it can be handed around."""

    showtime_id: str
    seats: Mapping[SeatPlace, str]
    """`Free`, `Held` or `Sold`, in the order of the layout's rows, then by number."""
    free_seats: int
    total_seats: int
    status: str
    """`Scheduled` or `Cancelled`."""
    screening_time: datetime
    sequence: int
    """Everything of the showtime's stream up to here is in it."""
    layout_version: int

    @classmethod
    def whole(cls, showtime_id: str, message: pb.WatchShowtimeResponse) -> Self:
        """What a message says that has every seat."""
        return cls._of(showtime_id, message, seats=_seats(message))

    def with_difference(self, message: pb.WatchShowtimeResponse) -> Self:
        """The map after a difference that builds upon this one. Seats keep their order."""
        return self._of(self.showtime_id, message, seats={**self.seats, **_seats(message)})

    def is_continued_by(self, message: pb.WatchShowtimeResponse) -> bool:
        """Whether nothing is missing between this map and a difference."""
        return message.from_sequence <= self.sequence and message.layout_version == self.layout_version

    @classmethod
    def _of(cls, showtime_id: str, message: pb.WatchShowtimeResponse, *, seats: dict[SeatPlace, str]) -> Self:
        return cls(
            showtime_id=showtime_id,
            seats=MappingProxyType(seats),
            free_seats=message.free_seats,
            total_seats=message.total_seats,
            status=message.status,
            screening_time=message.screening_time.ToDatetime(UTC),
            sequence=message.to_sequence,
            layout_version=message.layout_version,
        )


def _seats(message: pb.WatchShowtimeResponse) -> dict[SeatPlace, str]:
    return {SeatPlace(seat.row, seat.number): seat.status for seat in message.seats}
