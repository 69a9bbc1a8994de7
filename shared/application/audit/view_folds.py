"""The documents that a stream's events make, by the projector's own folds. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from shared.application.audit.stream_history import StreamHistory
from shared.application.projections.received_events import ParsedEvent
from shared.application.projections.showtime_fold import (
    fold_showtime,
    with_newer_auditorium,
    with_newer_movie,
)
from shared.application.projections.version_folds import (
    auditorium_snapshot,
    fold_auditorium,
    fold_movie,
    fold_reservation,
    movie_snapshot,
)
from shared.application.streams import auditorium_stream, movie_stream
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
)
from shared.contracts.events import AuditoriumSnapshot, MovieSnapshot, ReservationState

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""When a fold that is only compared was projected; `passed` is not compared."""

Folded = TypeVar("Folded", bound=ViewDocument)
Fold = Callable[[Folded | None, ParsedEvent], Folded | None]


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """The newest movies and auditoriums by their ids, which showtimes embed; `broken` are streams that can't be folded."""

    movies: dict[str, MovieSnapshot] = field(default_factory=dict[str, MovieSnapshot])
    auditoriums: dict[str, AuditoriumSnapshot] = field(default_factory=dict[str, AuditoriumSnapshot])
    broken: set[str] = field(default_factory=set[str])

    def note(self, history: StreamHistory, *, published: Collection[int]) -> None:
        """Remember what a movie's or an auditorium's stream has come to."""
        self.broken.discard(history.stream_id)
        if not history.is_whole:
            self.broken.add(history.stream_id)
        match fold_own(history, sequences=published):
            case MovieDocument() as movie:
                self.movies[movie.id] = movie_snapshot(movie)
            case AuditoriumDocument() as auditorium:
                self.auditoriums[auditorium.id] = auditorium_snapshot(auditorium)
            case _:
                pass

    def unjudged_fields(self, document: ShowtimeDocument) -> frozenset[str]:
        """The fields of a showtime of which nothing can be said, since their own stream can't be folded."""
        movie = movie_stream(document.movie.movie_id) if document.movie else ""
        hall = auditorium_stream(document.auditorium.auditorium_id) if document.auditorium else ""
        fields = {"movie": movie, "auditorium": hall}
        return frozenset(name for name, stream_id in fields.items() if stream_id in self.broken)


def kind_of(stream_id: str) -> str:
    """`showtime`, `movie` or `auditorium`."""
    return stream_id.partition(":")[0]


def own_id(stream_id: str) -> str:
    """The id of the document that a stream is named after."""
    return stream_id.partition(":")[2]


def fold_own(
    history: StreamHistory, *, sequences: Collection[int], projected: datetime = LONG_AGO
) -> MovieDocument | AuditoriumDocument | None:
    """The document of a movie's or an auditorium's stream after some of its events."""
    match kind_of(history.stream_id):
        case "movie":
            return _folded(
                history, sequences, lambda document, event: fold_movie(document, event, projected=projected)
            )
        case "auditorium":
            return _folded(
                history,
                sequences,
                lambda document, event: fold_auditorium(document, event, projected=projected),
            )
        case _:
            return None


def fold_showtime_document(
    history: StreamHistory,
    *,
    sequences: Collection[int],
    catalogue: Catalogue,
    projected: datetime = LONG_AGO,
) -> ShowtimeDocument:
    """The document of a showtime's stream after some of its events, with the newest movie and auditorium in it."""
    document = ShowtimeDocument.unborn(own_id(history.stream_id))
    for sequence in sorted(history.parsed.keys() & set(sequences)):
        document = fold_showtime(document, history.parsed[sequence], projected=projected)
    movie = catalogue.movies.get(document.movie.movie_id) if document.movie else None
    hall = catalogue.auditoriums.get(document.auditorium.auditorium_id) if document.auditorium else None
    document = with_newer_movie(document, movie) if movie else document
    return with_newer_auditorium(document, hall) if hall else document


def fold_reservation_document(
    history: StreamHistory, events: Collection[int], *, projected: datetime = LONG_AGO
) -> ReservationDocument | None:
    """The document of a reservation after some of its events."""
    return _folded(
        history, events, lambda document, event: fold_reservation(document, event, projected=projected)
    )


def reservations_of(history: StreamHistory) -> Mapping[str, list[int]]:
    """The sequences of each reservation's events, by the reservation's id."""
    found: dict[str, list[int]] = {}
    for sequence, event in history.parsed.items():
        if isinstance(event.data, ReservationState):
            found.setdefault(str(event.data.reservation_id), []).append(sequence)
    return found


def _folded(history: StreamHistory, sequences: Collection[int], fold: Fold[Folded]) -> Folded | None:
    document: Folded | None = None
    for sequence in sorted(history.parsed.keys() & set(sequences)):
        document = fold(document, history.parsed[sequence])
    return document
