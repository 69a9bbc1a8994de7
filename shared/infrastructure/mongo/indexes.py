"""The indexes of the views, each with the query that it is for."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

from shared.contracts.documents import (
    ReservationDocument,
    ShowtimeDocument,
    collection_name,
)
from shared.infrastructure.mongo.faults import faults_translated

_INDEXES: dict[str, tuple[IndexModel, ...]] = {
    ShowtimeDocument.view: (
        # the listing of a day
        IndexModel([("screeningTime", ASCENDING), ("_id", ASCENDING)]),
        # the listing of a movie's showtimes, and those that embed a movie
        IndexModel([("movie.movieId", ASCENDING), ("screeningTime", ASCENDING), ("_id", ASCENDING)]),
        # those that embed an auditorium
        IndexModel([("auditorium.auditoriumId", ASCENDING)]),
        # those with a gap, the oldest first
        IndexModel([("gapSince", ASCENDING), ("_id", ASCENDING)]),
    ),
    ReservationDocument.view: (
        # a customer's reservations, newest first
        IndexModel([("customerId", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)]),
    ),
}


def ensure_indexes(database: Database[dict[str, Any]], *, generation: int) -> None:
    """Create the indexes that a generation lacks: one command each, since FerretDB ends the connection over several that are there.

    Raises:
        ViewStoreUnavailableError: the server does not answer.
    """
    with faults_translated():
        for view, indexes in _INDEXES.items():
            collection = database[collection_name(view, generation=generation)]
            for index in indexes:
                collection.create_indexes([index])
