"""How far the views have got, for those who look at the pipeline: a few fields of each document, and nothing else."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from shared.application.outbox.status import Tally
from shared.application.pipeline.pipeline import ViewGaps
from shared.contracts.documents import GENERATION, ShowtimeDocument, ViewDocument, collection_name
from shared.infrastructure.mongo.mongo_failure_parking import COLLECTION
from shared.infrastructure.mongo.mongo_view_reader import faults_named

_COUNTED_TO = 1_000

Stored = dict[str, Any]


class MongoViewProgress:
    """A `ViewProgress` over one generation of views."""

    def __init__(
        self, database: Database[Stored], *, generation: int = GENERATION, counted_to: int = _COUNTED_TO
    ) -> None:
        self._database = database
        self._generation = generation
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
        name = collection_name(ShowtimeDocument.view, generation=self._generation)
        with faults_named():
            cursor = self._database[name].find({"gapSince": {"$gte": ""}}, {"gapSince": 1})
            found = list(cursor.sort([("gapSince", 1), ("_id", 1)]).limit(self._counted_to + 1))
        oldest = datetime.fromisoformat(found[0]["gapSince"]) if found else None
        return ViewGaps(showtimes=self._tally(len(found)), oldest=oldest)

    def parked(self) -> Tally:
        """See `ViewProgress.parked`."""
        with faults_named():
            return self._tally(
                len(list(self._database[COLLECTION].find({}, {"_id": 1}).limit(self._counted_to + 1)))
            )

    def _some(
        self, model: type[ViewDocument], ids: Collection[str], *, fields: Collection[str]
    ) -> list[Stored]:
        name = collection_name(model.view, generation=self._generation)
        with faults_named():
            return list(self._database[name].find({"_id": {"$in": sorted(ids)}}, dict.fromkeys(fields, 1)))

    def _tally(self, counted: int) -> Tally:
        return Tally(count=min(counted, self._counted_to), exact=counted <= self._counted_to)
