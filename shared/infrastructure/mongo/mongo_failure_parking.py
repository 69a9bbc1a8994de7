"""Parked events in the collection `projection_failures`."""

from collections.abc import Sequence
from typing import Any

from pymongo import ReplaceOne
from pymongo.database import Database

from shared.application.projections.ports import ParkedEvent
from shared.contracts.wire import sortable_rfc3339
from shared.infrastructure.mongo.faults import faults_translated

COLLECTION = "projection_failures"


class MongoFailureParking:
    """One document an event, found again by its place in the hub."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._collection = database[COLLECTION]

    def park(self, events: Sequence[ParkedEvent]) -> None:
        """Keep events; parking one again changes nothing but the moment.

        Raises:
            ViewStoreUnavailableError: the server does not answer.
        """
        documents = [_document(event) for event in events]
        operations = [ReplaceOne({"_id": parked["_id"]}, parked, upsert=True) for parked in documents]
        with faults_translated():
            self._collection.bulk_write(operations, ordered=False)


def _document(event: ParkedEvent) -> dict[str, Any]:
    received = event.received
    return {
        "_id": f"{received.partition}:{received.position}",
        "partition": received.partition,
        "position": received.position,
        "body": received.body,
        "reason": event.reason,
        "parkedAt": sortable_rfc3339(event.parked),
    }
