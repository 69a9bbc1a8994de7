"""Views in memory, with the guards of the real store."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from shared.application.errors import NotFoundError
from shared.application.projections.failures import ProjectionFailure
from shared.application.projections.gaps import GapPage, GapPlace, ShowtimeGap
from shared.application.projections.ports import Document, ParkedEvent
from shared.contracts.documents import ShowtimeDocument, ViewDocument


class FakeViewStore:
    """A dictionary a view."""

    def __init__(self) -> None:
        self.views: dict[str, dict[str, ViewDocument]] = {}
        self.saves = 0

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document]:
        stored = self.views.get(model.view, {})
        return {identity: stored[identity] for identity in ids if identity in stored}  # pyright: ignore[reportReturnType] # a view holds its own model

    def save(self, documents: Sequence[ViewDocument]) -> set[str]:
        self.saves += 1
        losers: set[str] = set()
        for document in documents:
            view = self.views.setdefault(document.view, {})
            present = view.get(document.id)
            if (present.rev if present else 0) != document.rev - 1:
                losers.add(document.id)
            else:
                view[document.id] = document
        return losers

    def showtimes_of_movie(self, movie_id: str, *, below_version: int) -> list[str]:
        return [
            document.id
            for document in self._showtimes()
            if document.movie
            and document.movie.movie_id == movie_id
            and document.movie.version < below_version
        ]

    def showtimes_of_auditorium(self, auditorium_id: str, *, below_version: int) -> list[str]:
        return [
            document.id
            for document in self._showtimes()
            if document.auditorium
            and document.auditorium.auditorium_id == auditorium_id
            and document.auditorium.version < below_version
        ]

    def _showtimes(self) -> list[ShowtimeDocument]:
        stored = self.views.get(ShowtimeDocument.view, {}).values()
        return [document for document in stored if isinstance(document, ShowtimeDocument)]


class FakeGapReader:
    """The gaps of a fake store's showtimes."""

    def __init__(self, store: FakeViewStore) -> None:
        self._store = store

    def gaps(self, *, until: datetime, after: GapPlace | None, limit: int) -> GapPage:
        stored = self._store.views.get(ShowtimeDocument.view, {}).values()
        gaps = [
            ShowtimeGap(
                place=GapPlace(document.gap_since, document.id),
                sequence=document.sequence,
                ahead=document.ahead,
            )
            for document in stored
            if isinstance(document, ShowtimeDocument) and document.gap_since and document.gap_since <= until
        ]
        found = sorted((gap for gap in gaps if after is None or gap.place > after), key=lambda gap: gap.place)
        page = found[:limit]
        return GapPage(gaps=page, last=page[-1].place if len(page) == limit else None)


class FakeViewCache:
    """Remembers what was written."""

    def __init__(self) -> None:
        self.written: list[ViewDocument] = []

    def write(self, documents: Sequence[ViewDocument]) -> None:
        self.written.extend(documents)


class FakeFailureParking:
    """Parked events by what they say."""

    def __init__(self) -> None:
        self.failures: dict[str, ProjectionFailure] = {}

    @property
    def parked(self) -> list[ParkedEvent]:
        return [
            ParkedEvent(received=failure.received, reason=failure.reason, parked=failure.parked)
            for failure in self.failures.values()
        ]

    def park(self, events: Sequence[ParkedEvent]) -> None:
        for event in events:
            identity = sha256(event.received.body).hexdigest()
            failure = ProjectionFailure(
                id=identity,
                received=event.received,
                reason=event.reason,
                parked=event.parked,
                attempts=1,
                tried=event.parked,
            )
            self.failures.setdefault(identity, failure)

    def list(self, *, after: str = "", limit: int) -> Sequence[ProjectionFailure]:
        return [self.failures[identity] for identity in sorted(self.failures) if identity > after][:limit]

    def get(self, failure_id: str) -> ProjectionFailure:
        if failure_id not in self.failures:
            raise NotFoundError("projection failure", failure_id)
        return self.failures[failure_id]

    def failed_again(self, failure: ProjectionFailure, *, reason: str, at: datetime) -> None:
        present = self.failures.get(failure.id)
        if present and present.attempts == failure.attempts:
            self.failures[failure.id] = replace(
                failure, attempts=failure.attempts + 1, reason=reason, tried=at
            )

    def remove(self, failure_ids: Collection[str]) -> None:
        for identity in failure_ids:
            self.failures.pop(identity, None)
