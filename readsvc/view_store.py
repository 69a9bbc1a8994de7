"""The views in MongoDB, as the projector writes them. Only finds, with operators that every compatible server has."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from readsvc.errors import UnavailableError
from readsvc.page_token import Position
from readsvc.queries import ReservationsQuery, ShowtimesQuery
from shared.contracts.documents import ReservationDocument, ShowtimeDocument, collection_name
from shared.contracts.wire import sortable_rfc3339

StoredDocument = Mapping[str, Any]


class ViewStore:
    """Reads views. Each call is bounded by the client's `timeoutMS`."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], *, database: str) -> None:
        self._client = client
        self._database = client[database]

    async def find(self, view: str, document_id: str) -> StoredDocument | None:
        """A document by its id.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        async with _faults_translated():
            return await self._database[collection_name(view)].find_one({"_id": document_id})

    async def page_of_showtimes(
        self, query: ShowtimesQuery
    ) -> tuple[list[ShowtimeDocument], Position | None]:
        """A page in the order of (start, id), and where the next one starts, if there is one.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        async with _faults_translated():
            cursor = (
                self._database[collection_name(ShowtimeDocument.view)]
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
        async with _faults_translated():
            cursor = (
                self._database[collection_name(ReservationDocument.view)]
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
        async with _faults_translated():
            cursor = self._database[collection_name(ShowtimeDocument.view)].find(
                {"_id": {"$in": sorted(ids)}}
            )
            found = [ShowtimeDocument.model_validate(document) for document in await cursor.to_list()]
        return {showtime.id: showtime for showtime in found}

    async def answers(self) -> bool:
        """Whether MongoDB answers."""
        try:
            await self._client.admin.command("ping")
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
