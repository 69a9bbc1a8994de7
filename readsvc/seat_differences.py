"""What has changed in a showtime's seat map since a sequence.

All that a watcher has to remember is one number. Everything up to it is in the map that it has, so what it lacks are the
seats whose last change comes after it, however many changes or messages it has missed.
"""

from dataclasses import dataclass
from datetime import datetime

from readsvc.seat_map import MappedSeat, seats_of
from shared.contracts.documents import ShowtimeDocument
from shared.contracts.events import ShowtimeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The seats that have changed after `from_sequence`; after 0 it is the whole map. The rest is the showtime's now."""

    from_sequence: int
    to_sequence: int
    seats: tuple[MappedSeat, ...]
    free_seats: int
    total_seats: int
    status: ShowtimeStatus
    screening_time: datetime
    layout_version: int


class Edition:
    """A showtime as it stood at one moment, and the differences that lead to it."""

    def __init__(self, document: ShowtimeDocument) -> None:
        """Take a document that is presentable."""
        if not (document.auditorium and document.screening_time and document.status):
            raise ValueError(f"showtime {document.id} is not yet to be shown")
        self.sequence = document.sequence
        self.layout_version = document.auditorium.version
        self.document = document
        self._status: ShowtimeStatus = document.status
        self._screening_time = document.screening_time
        self._seats = tuple(seats_of(document, auditorium=document.auditorium))
        self._free_seats = sum(seat.status == "Free" for seat in self._seats)
        self._differences: dict[int, Difference] = {}

    def replaces(self, other: "Edition") -> bool:
        """Whether this has whatever the other one has, and more.

        A document that comes from a cache or a secondary may be an older one, or one that lacks an event which another
        has beyond a gap. A watcher is never shown such.
        """
        mine, others = self.document, other.document
        if mine.sequence < others.sequence or not all(mine.reached(ahead) for ahead in others.ahead):
            return False
        advanced = (mine.sequence, mine.ahead) != (others.sequence, others.ahead)
        return advanced or self.layout_version > other.layout_version

    def since(self, sequence: int) -> Difference:
        """What somebody lacks who has everything up to a sequence. The same for all of them, so made once.

        It leads to the *contiguous* sequence and not to one beyond a gap: the events that will close the gap have lower
        sequences, and whoever came back with a higher one would never be told of them.
        """
        difference = self._differences.get(sequence)
        if difference is None:
            seats = tuple(seat for seat in self._seats if seat.changed > sequence or not sequence)
            difference = self._differences[sequence] = self._difference(sequence, seats=seats)
        return difference

    def after(self, known: "Edition") -> Difference:
        """What somebody lacks who has another edition, or nothing if it is this one; all if the layout is another.

        Before the first event there is no number that says "nothing since".
        """
        if known is self and self.sequence:
            return self._difference(self.sequence, seats=())
        return self.since(known.sequence if self.layout_version == known.layout_version else 0)

    def _difference(self, sequence: int, *, seats: tuple[MappedSeat, ...]) -> Difference:
        return Difference(
            from_sequence=sequence,
            to_sequence=self.sequence,
            seats=seats,
            free_seats=self._free_seats,
            total_seats=len(self._seats),
            status=self._status,
            screening_time=self._screening_time,
            layout_version=self.layout_version,
        )
