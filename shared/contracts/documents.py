"""The view documents that the projector writes and the read service answers from.

Each lives in a MongoDB collection under its id and, as the same JSON, in the cache. `rev` is private to the
projector: it grows by one with each write and guards every replace (compare and set).
Times are text in RFC 3339 with six decimals, so that a store may sort and compare them as text.
"""

from typing import ClassVar, Literal, Self

from pydantic import AliasChoices, Field

from shared.contracts.events import (
    AuditoriumSnapshot,
    MovieSnapshot,
    ReservationStatus,
    SeatData,
    SeatRowData,
    ShowtimeStatus,
)
from shared.contracts.wire import SortableUtcTime, WireModel

SeatStatus = Literal["Free", "Held", "Sold"]

FIRST_GENERATION = 1
"""The generation that a new installation begins with. Which is live now: `shared.contracts.generations`."""


def collection_name(view: str, *, generation: int) -> str:
    """The collection that holds a view: `showtimes`, `reservations`, `movies` or `auditoriums`."""
    return f"{view}_{generation}"


class Passed(WireModel):
    """When the last event that changed a document passed each station."""

    committed: SortableUtcTime
    published: SortableUtcTime | None = None
    projected: SortableUtcTime | None = None


class SeatClaim(WireModel):
    """Who has a seat. A freed seat keeps its `seq`, so that an older event can't claim it again."""

    status: SeatStatus
    reservation_id: str | None
    seq: int


class ViewDocument(WireModel):
    """What every view document has. `view` names its collection and its cache entries."""

    view: ClassVar[str]

    id: str = Field(validation_alias=AliasChoices("_id", "id"), serialization_alias="_id")
    rev: int = 0
    passed: Passed | None = None


class MovieDocument(ViewDocument):
    """A movie, guarded by its version."""

    view = "movies"

    title: str
    runtime_minutes: int
    version: int


class AuditoriumDocument(ViewDocument):
    """An auditorium, guarded by its version."""

    view = "auditoriums"

    name: str
    rows: tuple[SeatRowData, ...]
    version: int


class ShowtimeDocument(ViewDocument):
    """A showtime with its seat map.

    `claims` is keyed by `A-12`. `sequence` is the highest sequence up to which *every* event of the stream has been
    applied; `ahead` lists those applied beyond a gap, and `gap_since` is when the first of them was projected. Until the
    showtime's own event has arrived, `movie` and the fields beside it are absent and the document is not yet to be shown.
    """

    view = "showtimes"

    movie: MovieSnapshot | None = None
    auditorium: AuditoriumSnapshot | None = None
    screening_time: SortableUtcTime | None = None
    ends_at: SortableUtcTime | None = None
    status: ShowtimeStatus | None = None
    version: int = 0
    claims: dict[str, SeatClaim] = Field(default_factory=dict)
    sequence: int = 0
    ahead: tuple[int, ...] = ()
    gap_since: SortableUtcTime | None = None

    @classmethod
    def unborn(cls, showtime_id: str) -> Self:
        """The document before any event."""
        return cls(id=showtime_id)

    @property
    def presentable(self) -> bool:
        """Whether the showtime's own event has arrived."""
        return self.movie is not None

    def reached(self, sequence: int) -> bool:
        """Whether the event with this sequence has been applied."""
        return sequence <= self.sequence or sequence in self.ahead


class ReservationDocument(ViewDocument):
    """A reservation, guarded by its version. Movie and start are composed from the showtime when it is read.

    `sequence` is the place of its last event in the *showtime's* stream.
    """

    view = "reservations"

    showtime_id: str
    customer_id: str
    seats: tuple[SeatData, ...]
    status: ReservationStatus
    created_at: SortableUtcTime
    expires_at: SortableUtcTime
    version: int
    sequence: int


VIEW_MODELS: tuple[type[ViewDocument], ...] = (
    MovieDocument,
    AuditoriumDocument,
    ReservationDocument,
    ShowtimeDocument,
)
"""Every view, in the order in which the projector writes them."""


def seat_key(row: str, number: int) -> str:
    """How a seat is named in a document's `claims`."""
    return f"{row}-{number}"
