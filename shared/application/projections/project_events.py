"""The projector's use case: one batch of events into the views, then into the cache."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from shared.application.projections.convergence import converge
from shared.application.projections.ports import (
    Clock,
    FailureParking,
    ParkedEvent,
    ViewCache,
    ViewStore,
)
from shared.application.projections.received_events import ParsedEvent, ReceivedEvent, parse_event
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
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
)
from shared.contracts.envelope import MalformedEventError
from shared.contracts.event_data import UnknownEventTypeError
from shared.contracts.events import AuditoriumState, MovieState, ReservationState, ShowtimeState

_LOG = logging.getLogger(__name__)

Folded = TypeVar("Folded", bound=ViewDocument)
Fold = Callable[[Folded | None, ParsedEvent], Folded | None]


class ProjectEvents:
    """Projects batches. Call it with the events of one batch, in the order in which they came."""

    def __init__(self, *, store: ViewStore, cache: ViewCache, parking: FailureParking, clock: Clock) -> None:
        self._store = store
        self._cache = cache
        self._parking = parking
        self._clock = clock

    def __call__(self, batch: Sequence[ReceivedEvent]) -> None:
        """Project a batch. Poison is parked; the rest of the batch goes on.

        Raises:
            ViewStoreUnavailableError: an outage; the whole batch is to be tried again.
        """
        work = _Batch(self._clock.now())
        events = [event for received in batch if (event := work.parsed(received)) is not None]
        self._project_catalogue(events, work=work)
        reservations = self._project_reservations(events, work=work)
        showtimes = self._project_showtimes(events, work=work)
        showtimes |= self._refresh_embedded(events)
        if work.parked:
            self._parking.park(list(work.parked.values()))
        self._cache.write([*reservations.values(), *showtimes.values()])

    def _project_catalogue(self, events: Sequence[ParsedEvent], *, work: "_Batch") -> None:
        movies = _by_document(events, _movie_of)
        auditoriums = _by_document(events, _auditorium_of)
        fold_one_movie = partial(fold_movie, projected=work.projected)
        fold_one_auditorium = partial(fold_auditorium, projected=work.projected)
        converge(self._store, MovieDocument, work.changes(movies, fold_one_movie))
        converge(self._store, AuditoriumDocument, work.changes(auditoriums, fold_one_auditorium))

    def _project_reservations(
        self, events: Sequence[ParsedEvent], *, work: "_Batch"
    ) -> dict[str, ReservationDocument]:
        """Before the showtimes: who has seen a showtime reach a sequence must find the reservation."""
        fold = partial(fold_reservation, projected=work.projected)
        changes = work.changes(_by_document(events, _reservation_of), fold)
        return converge(self._store, ReservationDocument, changes)

    def _project_showtimes(
        self, events: Sequence[ParsedEvent], *, work: "_Batch"
    ) -> dict[str, ShowtimeDocument]:
        def fold(document: ShowtimeDocument | None, event: ParsedEvent) -> ShowtimeDocument:
            unborn = ShowtimeDocument.unborn(_showtime_of(event) or "")
            return fold_showtime(document or unborn, event, projected=work.projected)

        return converge(self._store, ShowtimeDocument, work.changes(_by_document(events, _showtime_of), fold))

    def _refresh_embedded(self, events: Sequence[ParsedEvent]) -> dict[str, ShowtimeDocument]:
        """Bring embedded movies and auditoriums up to date, whichever event came first.

        The catalogue's documents are read *after* the showtimes were written, and showtimes are looked for *after* the
        catalogue was written: of two projectors at work on the two sides, one sees what the other wrote.
        """
        states = [event.data for event in events]
        movie_ids = {s.movie_id for s in states if isinstance(s, MovieState)}
        movie_ids |= {s.movie.movie_id for s in states if isinstance(s, ShowtimeState)}
        auditorium_ids = {s.auditorium_id for s in states if isinstance(s, AuditoriumState)}
        auditorium_ids |= {s.auditorium.auditorium_id for s in states if isinstance(s, ShowtimeState)}
        return self._refresh_movies(movie_ids) | self._refresh_auditoriums(auditorium_ids)

    def _refresh_movies(self, movie_ids: set[str]) -> dict[str, ShowtimeDocument]:
        refreshed: dict[str, ShowtimeDocument] = {}
        for movie in self._store.load(MovieDocument, movie_ids).values() if movie_ids else ():
            stale = self._store.showtimes_of_movie(movie.id, below_version=movie.version)
            snapshot = movie_snapshot(movie)
            refreshed |= self._refresh(stale, lambda document, new=snapshot: with_newer_movie(document, new))
        return refreshed

    def _refresh_auditoriums(self, auditorium_ids: set[str]) -> dict[str, ShowtimeDocument]:
        refreshed: dict[str, ShowtimeDocument] = {}
        for auditorium in (
            self._store.load(AuditoriumDocument, auditorium_ids).values() if auditorium_ids else ()
        ):
            stale = self._store.showtimes_of_auditorium(auditorium.id, below_version=auditorium.version)
            snapshot = auditorium_snapshot(auditorium)
            refreshed |= self._refresh(
                stale, lambda document, new=snapshot: with_newer_auditorium(document, new)
            )
        return refreshed

    def _refresh(
        self, stale: Sequence[str], renew: Callable[[ShowtimeDocument], ShowtimeDocument]
    ) -> dict[str, ShowtimeDocument]:
        def change(document: ShowtimeDocument | None) -> ShowtimeDocument | None:
            return None if document is None else renew(document)

        return converge(self._store, ShowtimeDocument, dict.fromkeys(stale, change))


class _Batch:
    """What belongs to one batch: its moment, and what could not be projected."""

    def __init__(self, projected: datetime) -> None:
        self.projected = projected
        self.parked: dict[ReceivedEvent, ParkedEvent] = {}

    def parsed(self, received: ReceivedEvent) -> ParsedEvent | None:
        try:
            return parse_event(received)
        except (MalformedEventError, UnknownEventTypeError) as error:
            self._park(received, error)
            return None

    def changes(
        self, events: dict[str, list[ParsedEvent]], fold: Fold[Folded]
    ) -> dict[str, Callable[[Folded | None], Folded | None]]:
        """For each document the change that all its events make together."""
        return {
            identity: partial(self._fold_all, events=mine, fold=fold) for identity, mine in events.items()
        }

    def _fold_all(
        self, document: Folded | None, *, events: list[ParsedEvent], fold: Fold[Folded]
    ) -> Folded | None:
        for event in events:
            try:
                document = fold(document, event)
            except (
                TypeError,
                ValueError,
                LookupError,
            ) as error:  # a fold is pure: what it raises, it raises always
                self._park(event.received, error)
        return document

    def _park(self, received: ReceivedEvent, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if received not in self.parked:
            place = (received.partition, received.position)
            _LOG.error("event_parked partition=%s position=%d reason=%s", *place, reason)
        self.parked[received] = ParkedEvent(received=received, reason=reason, parked=self.projected)


def _by_document(
    events: Sequence[ParsedEvent], identity: Callable[[ParsedEvent], str | None]
) -> dict[str, list[ParsedEvent]]:
    grouped: dict[str, list[ParsedEvent]] = defaultdict(list)
    for event in events:
        key = identity(event)
        if key is not None:
            grouped[key].append(event)
    return grouped


def _movie_of(event: ParsedEvent) -> str | None:
    return event.data.movie_id if isinstance(event.data, MovieState) else None


def _auditorium_of(event: ParsedEvent) -> str | None:
    return event.data.auditorium_id if isinstance(event.data, AuditoriumState) else None


def _reservation_of(event: ParsedEvent) -> str | None:
    return str(event.data.reservation_id) if isinstance(event.data, ReservationState) else None


def _showtime_of(event: ParsedEvent) -> str | None:
    return str(event.data.showtime_id) if isinstance(event.data, ShowtimeState | ReservationState) else None
