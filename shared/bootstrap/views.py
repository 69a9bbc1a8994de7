"""The views' database: its client, and what is asked of its replica set (docs/decisions/0033)."""

from typing import Any

from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from shared.identity.mongo_sign_in import mongo_sign_in
from shared.identity.sign_in import SignIn
from shared.settings import SettingsError

Client = MongoClient[dict[str, Any]]


def patient_mongo(url: str, *, patience_ms: int, auth: SignIn = "none") -> Client:
    """A client that waits this long for a server, a connection or an answer.

    Raises:
        SettingsError: the URL is none of MongoDB's.
    """
    try:
        return MongoClient[dict[str, Any]](
            url,
            serverSelectionTimeoutMS=patience_ms,
            connectTimeoutMS=patience_ms,
            socketTimeoutMS=patience_ms,
            **mongo_sign_in(auth),
        )
    except (PyMongoError, ValueError) as error:
        raise SettingsError(f"MONGO_URL: {error}") from error


def views_to_change(client: Client, name: str, *, patience_ms: int) -> Database[dict[str, Any]]:
    """For who writes: a write counts when a majority has it, and not having it in time is an outage like any other.

    What is compared before a write is read as the primary has it, which is what the write's guard will be compared with.
    """
    return client.get_database(
        name,
        read_preference=ReadPreference.PRIMARY,
        read_concern=ReadConcern("local"),
        # Before the socket's time is over, so that the connection outlives it.
        write_concern=WriteConcern("majority", wtimeout=patience_ms // 2),
    )


def views_to_examine(client: Client, name: str) -> Database[dict[str, Any]]:
    """For who looks: what a failover can't take back."""
    return client.get_database(
        name, read_preference=ReadPreference.PRIMARY, read_concern=ReadConcern("majority")
    )
