"""The stores that the app's functions use."""

from tests.servers.mongo import mongo_url
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]
