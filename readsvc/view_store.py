"""The views in MongoDB, as the projector writes them. Only finds, with operators that every compatible server has."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import PyMongoError

from readsvc.errors import UnavailableError
from readsvc.live_generation import LiveGeneration
from readsvc.mongo_reads import Database
from readsvc.page_token import Position
from readsvc.queries import ReservationsQuery, ShowtimesQuery
from shared.contracts.documents import ReservationDocument, ShowtimeDocument, ViewDocument, collection_name
from shared.contracts.generations import GENERATIONS_ID, META_COLLECTION, Generations
from shared.contracts.wire import sortable_rfc3339

StoredDocument = Mapping[str, Any]
Filter = dict[str, Any]

Document = TypeVar("Document", bound=ViewDocument)


class Page(NamedTuple, Generic[Document]):
    """Documents, and where the last one stands if there are more behind it."""

    documents: list[Document]
    end: Position | None


class ViewStore:
    """Reads views: one document from `newest`, pages from `lists`. Each call is bounded by the client's `timeoutMS`.

    Single documents are asked for by their generation, since they belong to cache entries; lists are the live one's.
    """

    def __init__(self, *, newest: Database, lists: Database) -> None:
        self._newest = newest
        self._lists = lists
        self.live = LiveGeneration(self.generations)

    async def generations(self) -> Generations:
        """Which generations there are.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        async with _faults_translated():
            stored = await self._newest[META_COLLECTION].find_one({"_id": GENERATIONS_ID})
        return Generations.model_validate(stored or {})

    async def find(self, view: str, document_id: str, *, generation: int) -> StoredDocument | None:
        """A document by its id.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        async with _faults_translated():
            return await self._newest[collection_name(view, generation=generation)].find_one(
                {"_id": document_id}
            )

    async def page_of_showtimes(self, query: ShowtimesQuery) -> Page[ShowtimeDocument]:
        """A page in the order of (start, id).

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        return await self._page(
            ShowtimeDocument,
            showtimes_filter(query),
            by=("screeningTime", ASCENDING),
            moment=_start_of,
            size=query.page_size,
        )

    async def page_of_reservations(self, query: ReservationsQuery) -> Page[ReservationDocument]:
        """A page of a customer's reservations, newest first.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        return await self._page(
            ReservationDocument,
            reservations_filter(query),
            by=("createdAt", DESCENDING),
            moment=lambda reservation: reservation.created_at,
            size=query.page_size,
        )

    async def _page(
        self,
        model: type[Document],
        wanted: Filter,
        *,
        by: tuple[str, int],
        moment: Callable[[Document], datetime],
        size: int,
    ) -> Page[Document]:
        """Documents in the order of a moment, and of their ids where that is the same. One more is asked for, to see whether there is."""
        field, direction = by
        name = collection_name(model.view, generation=self.live.number)
        async with _faults_translated():
            cursor = (
                self._lists[name].find(wanted).sort([(field, direction), ("_id", direction)]).limit(size + 1)
            )
            found = [model.model_validate(document) for document in await cursor.to_list()]
        page = found[:size]
        more = len(found) > len(page)
        return Page(page, Position(sortable_rfc3339(moment(page[-1])), page[-1].id) if more else None)

    async def showtimes(self, ids: Collection[str]) -> dict[str, ShowtimeDocument]:
        """The showtimes that there are, by id.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        name = collection_name(ShowtimeDocument.view, generation=self.live.number)
        async with _faults_translated():
            cursor = self._lists[name].find({"_id": {"$in": sorted(ids)}})
            found = [ShowtimeDocument.model_validate(document) for document in await cursor.to_list()]
        return {showtime.id: showtime for showtime in found}

    async def answers(self) -> bool:
        """Whether MongoDB's primary answers."""
        try:
            await self._newest.command("ping")
        except PyMongoError:
            return False
        return True


def showtimes_filter(query: ShowtimesQuery) -> Filter:
    """The filter of a page. Starts are compared as text, which is made for that."""
    bounds: Filter = {"$gte": sortable_rfc3339(query.period.start)}
    if query.period.end:
        bounds["$lt"] = sortable_rfc3339(query.period.end)
    wanted: Filter = {"screeningTime": bounds}
    if query.movie_id:
        wanted["movie.movieId"] = query.movie_id
    if query.after:
        bounds["$gte"] = max(bounds["$gte"], query.after.moment)
        wanted |= _behind(query.after, field="screeningTime", comparison="$gt")
    return wanted


def reservations_filter(query: ReservationsQuery) -> Filter:
    """The filter of a page: what is older than the last row of the page before."""
    wanted: Filter = {"customerId": query.customer_id}
    if query.after:
        wanted["createdAt"] = {"$lte": query.after.moment}
        wanted |= _behind(query.after, field="createdAt", comparison="$lt")
    return wanted


def _behind(position: Position, *, field: str, comparison: str) -> Filter:
    """What comes after a row: by the moment, or by the id where that is the same."""
    return {
        "$or": [
            {field: {comparison: position.moment}},
            {field: position.moment, "_id": {comparison: position.document_id}},
        ]
    }


def _start_of(showtime: ShowtimeDocument) -> datetime:
    if not isinstance(showtime.screening_time, datetime):
        raise TypeError(f"showtime {showtime.id} was found by its start and has none")
    return showtime.screening_time


@asynccontextmanager
async def _faults_translated() -> AsyncGenerator[None]:
    try:
        yield
    except PyMongoError as error:
        raise UnavailableError from error
