"""The servers that a rebuild works on."""

from tests.servers.mongo import mongo_url
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]
