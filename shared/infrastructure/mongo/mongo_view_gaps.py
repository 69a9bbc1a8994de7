"""Showtimes with gaps, found by the index on `gapSince`: there is nothing in it to find while nothing is missing."""

import logging
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError
from pymongo.database import Database

from shared.application.projections.gaps import GapPage, GapPlace, ShowtimeGap
from shared.contracts.documents import ShowtimeDocument, collection_name
from shared.contracts.wire import UtcTime, WireModel, sortable_rfc3339
from shared.infrastructure.mongo.faults import faults_translated

_log = logging.getLogger(__name__)

Stored = dict[str, Any]


class _IncompleteShowtime(WireModel):
    """What is needed of a document, so that nothing else in it can be in the way."""

    id: str = Field(alias="_id")
    gap_since: UtcTime
    sequence: int
    ahead: tuple[int, ...] = Field(min_length=1)


class MongoViewGaps:
    """A `GapReader` over one generation of views."""

    def __init__(self, database: Database[Stored], *, generation: int) -> None:
        self._collection = database[collection_name(ShowtimeDocument.view, generation=generation)]

    def gaps(self, *, until: datetime, after: GapPlace | None, limit: int) -> GapPage:
        """See `GapReader.gaps`. A document that can't be read is passed by, and left to the audit."""
        with faults_translated():
            cursor = self._collection.find(_older_than(until, after=after))
            found = list(cursor.sort([("gapSince", 1), ("_id", 1)]).limit(limit))
        gaps = [gap for stored in found if (gap := _gap_in(stored)) is not None]
        last = gaps[-1].place if gaps and len(found) == limit else None
        return GapPage(gaps=gaps, last=last)


def _older_than(until: datetime, *, after: GapPlace | None) -> Stored:
    """The lower bound is for texts alone: a document without a gap has null there."""
    bounds = {"$gte": "", "$lte": sortable_rfc3339(until)}
    if after is None:
        return {"gapSince": bounds}
    since = sortable_rfc3339(after.since)
    behind = [{"gapSince": {"$gt": since}}, {"gapSince": since, "_id": {"$gt": after.showtime_id}}]
    return {"gapSince": bounds | {"$gte": since}, "$or": behind}


def _gap_in(stored: Stored) -> ShowtimeGap | None:
    try:
        showtime = _IncompleteShowtime.model_validate(stored)
    except ValidationError:
        _log.warning("projection_gap_unreadable showtime=%s", stored["_id"])
        return None
    place = GapPlace(showtime.gap_since, showtime.id)
    return ShowtimeGap(place=place, sequence=showtime.sequence, ahead=showtime.ahead)
