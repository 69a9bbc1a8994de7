"""How far the views have got, for those who look at the pipeline: a few fields of each document, and nothing else."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database

from shared.application.outbox.status import Tally
from shared.application.pipeline.pipeline import ViewGaps
from shared.contracts.documents import ShowtimeDocument, ViewDocument, collection_name
from shared.infrastructure.mongo.mongo_failure_parking import COLLECTION
from shared.infrastructure.mongo.mongo_generations import read_generations
from shared.infrastructure.mongo.mongo_view_reader import faults_named

_COUNTED_TO = 1_000

Stored = dict[str, Any]


class MongoViewProgress:
    """A `ViewProgress` over the generation that is live at each call."""

    def __init__(self, database: Database[Stored], *, counted_to: int = _COUNTED_TO) -> None:
        self._database = database
        self._counted_to = counted_to

    def newest_sequences(self, showtime_ids: Collection[str]) -> Mapping[str, int]:
        """See `ViewProgress.newest_sequences`."""
        found = self._some(ShowtimeDocument, showtime_ids, fields=("sequence", "ahead"))
        return {
            stored["_id"]: max(stored.get("sequence", 0), *stored.get("ahead", ()), 0) for stored in found
        }

    def versions(self, model: type[ViewDocument], ids: Collection[str]) -> Mapping[str, int]:
        """See `ViewProgress.versions`."""
        return {
            stored["_id"]: stored.get("version", 0) for stored in self._some(model, ids, fields=("version",))
        }

    def gaps(self) -> ViewGaps:
        """See `ViewProgress.gaps`."""
        with faults_named():
            cursor = self._live(ShowtimeDocument).find({"gapSince": {"$gte": ""}}, {"gapSince": 1})
            found = list(cursor.sort([("gapSince", 1), ("_id", 1)]).limit(self._counted_to + 1))
        oldest = datetime.fromisoformat(found[0]["gapSince"]) if found else None
        return ViewGaps(showtimes=self._tally(len(found)), oldest=oldest)

    def parked(self) -> Tally:
        """See `ViewProgress.parked`."""
        with faults_named():
            cursor = self._database[COLLECTION].find({"_id": {"$gt": ""}}, {"_id": 1})
            return self._tally(len(list(cursor.limit(self._counted_to + 1))))

    def _some(
        self, model: type[ViewDocument], ids: Collection[str], *, fields: Collection[str]
    ) -> list[Stored]:
        with faults_named():
            return list(self._live(model).find({"_id": {"$in": sorted(ids)}}, dict.fromkeys(fields, 1)))

    def _live(self, model: type[ViewDocument]) -> MongoCollection[Stored]:
        generation = read_generations(self._database).live
        return self._database[collection_name(model.view, generation=generation)]

    def _tally(self, counted: int) -> Tally:
        return Tally(count=min(counted, self._counted_to), exact=counted <= self._counted_to)
