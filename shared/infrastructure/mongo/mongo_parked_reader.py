"""Parked events in MongoDB, for the audit."""

from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from shared.application.audit.parked_checks import PARKED
from shared.application.audit.ports import StationUnreadableError
from shared.application.projections.failures import ProjectionFailure
from shared.application.projections.ports import ViewStoreUnavailableError
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking


class MongoParkedReader:
    """A `ParkedReader`."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._parking = MongoFailureParking(database)

    def parked(self, *, after: str, limit: int) -> Sequence[ProjectionFailure]:
        """See `ParkedReader.parked`."""
        try:
            return self._parking.list(after=after, limit=limit)
        except ViewStoreUnavailableError as error:
            raise StationUnreadableError(PARKED, str(error)) from error
