"""Which server of a replica set a read goes to, and what it may see (docs/decisions/0033)."""

from typing import Any

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import make_read_preference

from readsvc.settings import ReadServiceSettings
from shared.identity.mongo_sign_in import mongo_sign_in

_MODES = {"primaryPreferred": 1, "secondaryPreferred": 3, "nearest": 4}
"""As the driver numbers them."""

_SURVIVES_A_FAILOVER = ReadConcern("majority")

Database = AsyncDatabase[dict[str, Any]]


def connect(settings: ReadServiceSettings) -> AsyncMongoClient[dict[str, Any]]:
    """A client of which each call ends in time, whatever the servers do: choosing one, connecting, and a second try included."""
    milliseconds = int(settings.mongo_timeout_seconds * 1000)
    return AsyncMongoClient[dict[str, Any]](
        settings.mongo_url,
        timeoutMS=milliseconds,
        # The driver's own watch over the servers does not heed timeoutMS. Sooner than after its 20 s it leaves a server that hangs.
        connectTimeoutMS=milliseconds,
        tz_aware=True,
        **mongo_sign_in(settings.mongo_auth),
    )


def newest(client: AsyncMongoClient[dict[str, Any]], settings: ReadServiceSettings) -> Database:
    """For one document by its id: the primary's, so that a cache is not filled with what is old.

    And of that only what a majority has: a document that a failover rolls back would stay in the cache, under a `rev` that its
    successor bears again.
    """
    return client.get_database(
        settings.mongo_database, read_preference=ReadPreference.PRIMARY, read_concern=_SURVIVES_A_FAILOVER
    )


def lists(client: AsyncMongoClient[dict[str, Any]], settings: ReadServiceSettings) -> Database:
    """For pages: by the settings from a secondary, which may be a moment behind."""
    preference = (
        ReadPreference.PRIMARY
        if settings.mongo_list_read_preference == "primary"
        else make_read_preference(
            _MODES[settings.mongo_list_read_preference],
            tag_sets=None,
            max_staleness=settings.mongo_list_max_staleness_seconds,
        )
    )
    return client.get_database(
        settings.mongo_database, read_preference=preference, read_concern=_SURVIVES_A_FAILOVER
    )
