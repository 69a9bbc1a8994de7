"""How far a document has got, and the rule of the switch. Pure.

A generation may take the live one's place when each of its documents covers the live one: nothing that a client has
seen may be missing after the switch.
"""

from dataclasses import dataclass

from shared.application.streams import auditorium_stream, movie_stream, showtime_stream
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a document has got, and which stream it is made of.

    `sequence` is the contiguous one, and `ahead` lists what was applied beyond a gap. `embedded` has the version of each
    movie and auditorium in it, by its id. A document that can't be read has no stream, and nothing that counts.
    """

    id: str
    stream_id: str
    version: int = 0
    sequence: int = 0
    ahead: frozenset[int] = frozenset()
    embedded: tuple[tuple[str, int], ...] = ()

    def covers(self, other: "Mark") -> bool:
        """Whether everything that the other document has is in this one."""
        return (
            self.version >= other.version
            and self.sequence >= other.sequence
            and all(sequence <= self.sequence or sequence in self.ahead for sequence in other.ahead)
            and self._embeds_as_new(other)
        )

    def _embeds_as_new(self, other: "Mark") -> bool:
        mine = dict(self.embedded)
        return all(mine.get(identity, version) >= version for identity, version in other.embedded)


def mark_of(document: ViewDocument) -> Mark:
    """How far a document has got.

    Raises:
        TypeError: it is of none of the four views.
    """
    match document:
        case ShowtimeDocument():
            return _showtime_mark(document)
        case ReservationDocument():
            stream_id = showtime_stream(document.showtime_id)
            return Mark(
                id=document.id, stream_id=stream_id, version=document.version, sequence=document.sequence
            )
        case MovieDocument():
            return Mark(id=document.id, stream_id=movie_stream(document.id), version=document.version)
        case AuditoriumDocument():
            return Mark(id=document.id, stream_id=auditorium_stream(document.id), version=document.version)
        case _:
            raise TypeError(f"{document.view} is no view of a rebuild")


def _showtime_mark(document: ShowtimeDocument) -> Mark:
    movie, auditorium = document.movie, document.auditorium
    embedded = [(movie.movie_id, movie.version)] if movie else []
    embedded += [(auditorium.auditorium_id, auditorium.version)] if auditorium else []
    return Mark(
        id=document.id,
        stream_id=showtime_stream(document.id),
        version=document.version,
        sequence=document.sequence,
        ahead=frozenset(document.ahead),
        embedded=tuple(embedded),
    )
