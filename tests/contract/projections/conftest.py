"""The servers that the projector writes to and that all others read from."""

from tests.contract.projections.view_database import view_database
from tests.servers.mongo import mongo_database, mongo_server, mongo_url, real_mongo, stand_in_mongo

__all__ = ["mongo_database", "mongo_server", "mongo_url", "real_mongo", "stand_in_mongo", "view_database"]
