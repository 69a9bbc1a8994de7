"""The servers that the projector writes to."""

from tests.servers.mongo import mongo_server, mongo_url, real_mongo, stand_in_mongo
from tests.servers.valkey import redis_url

__all__ = ["mongo_server", "mongo_url", "real_mongo", "redis_url", "stand_in_mongo"]
