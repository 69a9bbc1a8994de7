"""Views in memory, with the guards of the real store."""

from collections.abc import Collection, Sequence

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


class FakeViewCache:
    """Remembers what was written."""

    def __init__(self) -> None:
        self.written: list[ViewDocument] = []

    def write(self, documents: Sequence[ViewDocument]) -> None:
        self.written.extend(documents)


class FakeFailureParking:
    """Remembers what was parked."""

    def __init__(self) -> None:
        self.parked: list[ParkedEvent] = []

    def park(self, events: Sequence[ParkedEvent]) -> None:
        self.parked.extend(events)
