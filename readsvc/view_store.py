"""The views in MongoDB, as the projector writes them. Only finds, with operators that every compatible server has."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pymongo.errors import PyMongoError

from readsvc.errors import UnavailableError
from readsvc.live_generation import LiveGeneration
from readsvc.mongo_reads import Database
from readsvc.page_token import Position
from readsvc.queries import ReservationsQuery, ShowtimesQuery
from shared.contracts.documents import ReservationDocument, ShowtimeDocument, collection_name
from shared.contracts.generations import GENERATIONS_ID, META_COLLECTION, Generations
from shared.contracts.wire import sortable_rfc3339

StoredDocument = Mapping[str, Any]


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
        return Generations() if stored is None else Generations.model_validate(stored)

    async def find(self, view: str, document_id: str, *, generation: int) -> StoredDocument | None:
        """A document by its id.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        async with _faults_translated():
            return await self._newest[collection_name(view, generation=generation)].find_one(
                {"_id": document_id}
            )

    async def page_of_showtimes(
        self, query: ShowtimesQuery
    ) -> tuple[list[ShowtimeDocument], Position | None]:
        """A page in the order of (start, id), and where the next one starts, if there is one.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        name = collection_name(ShowtimeDocument.view, generation=self.live.number)
        async with _faults_translated():
            cursor = (
                self._lists[name]
                .find(showtimes_filter(query))
                .sort([("screeningTime", 1), ("_id", 1)])
                .limit(query.page_size + 1)
            )
            found = [ShowtimeDocument.model_validate(document) for document in await cursor.to_list()]
        page = found[: query.page_size]
        return page, _position(page[-1]) if len(found) > len(page) else None

    async def page_of_reservations(
        self, query: ReservationsQuery
    ) -> tuple[list[ReservationDocument], Position | None]:
        """A page of a customer's reservations, newest first, and where the next one starts, if there is one.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        name = collection_name(ReservationDocument.view, generation=self.live.number)
        async with _faults_translated():
            cursor = (
                self._lists[name]
                .find(reservations_filter(query))
                .sort([("createdAt", -1), ("_id", -1)])
                .limit(query.page_size + 1)
            )
            found = [ReservationDocument.model_validate(document) for document in await cursor.to_list()]
        page = found[: query.page_size]
        if len(found) == len(page):
            return page, None
        return page, Position(sortable_rfc3339(page[-1].created_at), page[-1].id)

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


def showtimes_filter(query: ShowtimesQuery) -> dict[str, Any]:
    """The filter of a page. Starts are compared as text, which is made for that."""
    start = sortable_rfc3339(query.period.start)
    bounds: dict[str, str] = {"$gte": max(start, query.after.moment) if query.after else start}
    if query.period.end:
        bounds["$lt"] = sortable_rfc3339(query.period.end)
    wanted: dict[str, Any] = {"screeningTime": bounds}
    if query.movie_id:
        wanted["movie.movieId"] = query.movie_id
    if query.after:
        wanted["$or"] = [
            {"screeningTime": {"$gt": query.after.moment}},
            {"screeningTime": query.after.moment, "_id": {"$gt": query.after.document_id}},
        ]
    return wanted


def reservations_filter(query: ReservationsQuery) -> dict[str, Any]:
    """The filter of a page: what is older than the last row of the page before."""
    wanted: dict[str, Any] = {"customerId": query.customer_id}
    if query.after:
        wanted["createdAt"] = {"$lte": query.after.moment}
        wanted["$or"] = [
            {"createdAt": {"$lt": query.after.moment}},
            {"createdAt": query.after.moment, "_id": {"$lt": query.after.document_id}},
        ]
    return wanted


def _position(document: ShowtimeDocument) -> Position:
    start = document.screening_time
    if not isinstance(start, datetime):
        raise TypeError(f"showtime {document.id} was found by its start and has none")
    return Position(sortable_rfc3339(start), document.id)


@asynccontextmanager
async def _faults_translated() -> AsyncGenerator[None]:
    try:
        yield
    except PyMongoError as error:
        raise UnavailableError from error
